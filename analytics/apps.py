"""The analytics app."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Registers the policies and listens to the activity of all apps."""

    name = "analytics"

    def ready(self) -> None:
        from analytics import policies, receivers  # noqa: F401 - models must be loaded first
