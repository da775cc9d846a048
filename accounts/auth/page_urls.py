"""The account pages: ours, then those of django-allauth."""

from django.urls import include, path

from accounts.auth import pages

urlpatterns = [
    path("preferences/", pages.preferences, name="account_preferences"),
    path("invitation/", pages.invitation_accept, name="account_invitation_accept"),
    path("invitation/<str:token>/", pages.invitation_link, name="account_invitation"),
    path("", include("allauth.urls")),
]
