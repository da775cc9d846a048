"""The API of django-allauth for the web application."""

from allauth.headless.urls import app_name, urlpatterns

__all__ = ["app_name", "urlpatterns"]
