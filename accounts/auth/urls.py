"""The API of django-allauth for the web application, with two views of ours before its own."""

from allauth.headless.constants import Client
from allauth.headless.urls import app_name
from allauth.headless.urls import urlpatterns as library_urlpatterns
from django.urls import path

from accounts.auth.passwords import ChangePasswordView, RequestPasswordResetView

__all__ = ["app_name", "urlpatterns"]

urlpatterns = [
    path(
        "browser/v1/account/password/change",
        ChangePasswordView.as_api_view(client=Client.BROWSER),
        name="change_password",
    ),
    path(
        "browser/v1/auth/password/request",
        RequestPasswordResetView.as_api_view(client=Client.BROWSER),
        name="request_password_reset",
    ),
    *library_urlpatterns,
]
