"""The assessments app."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    """Registers who may do what, and how a proctoring picture is opened."""

    name = "assessments"

    def ready(self) -> None:
        from accounts.files import register_file_kind
        from assessments import policies  # noqa: F401 - models must be loaded first
        from assessments.snapshots import FILE_KIND, snapshot_open

        register_file_kind(FILE_KIND, snapshot_open)
