"""The assessments app."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    """Django knows the app by this."""

    name = "assessments"
