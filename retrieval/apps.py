"""The retrieval app."""

from django.apps import AppConfig


class RetrievalConfig(AppConfig):
    """Django knows the app by this."""

    name = "retrieval"
