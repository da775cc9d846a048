"""The meetings app."""

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    """Registers who may do what with meetings, and how their files are opened."""

    name = "meetings"

    def ready(self) -> None:
        from meetings import files, policies  # noqa: F401 - models must be loaded first

        files.register()
