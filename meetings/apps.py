"""The meetings app."""

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    """Django knows the app by this."""

    name = "meetings"
