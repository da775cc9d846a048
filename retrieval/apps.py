"""The retrieval app."""

from django.apps import AppConfig


class RetrievalConfig(AppConfig):
    """Registers who may do what, the files to open, and the tasks."""

    name = "retrieval"

    def ready(self) -> None:
        from accounts.files import register_file_kind
        from retrieval import policies, receivers, tasks  # noqa: F401 - models must be loaded first
        from retrieval.selectors import document_open

        register_file_kind("document", document_open)
