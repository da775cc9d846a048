"""The progress app."""

from django.apps import AppConfig


class ProgressConfig(AppConfig):
    """Django knows the app by this."""

    name = "progress"
