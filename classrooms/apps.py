"""The classrooms app."""

from django.apps import AppConfig


class ClassroomsConfig(AppConfig):
    """Registers who may do what in a class."""

    name = "classrooms"

    def ready(self) -> None:
        from classrooms import policies  # noqa: F401 - models must be loaded first
