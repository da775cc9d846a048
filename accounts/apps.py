"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Connects what happens at sign-in."""

    name = "accounts"

    def ready(self) -> None:
        # The models must be loaded first.
        from accounts import policies, session_signals, signals  # noqa: F401
