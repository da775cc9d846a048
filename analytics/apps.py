"""The analytics app."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Django knows the app by this."""

    name = "analytics"
