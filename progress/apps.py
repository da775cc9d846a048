"""The progress app."""

from django.apps import AppConfig


class ProgressConfig(AppConfig):
    """Registers the policies and listens to grading."""

    name = "progress"

    def ready(self) -> None:
        from progress import policies, receivers  # noqa: F401 - models must be loaded first
