"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Connects what happens at sign-in."""

    name = "accounts"

    def ready(self) -> None:
        from accounts import policies, signals  # noqa: F401 - models must be loaded first
