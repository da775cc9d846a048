"""Routes of accounts."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts.api import views

router = SimpleRouter(trailing_slash=False)
router.register("users", views.UserViewSet, basename="user")

urlpatterns = [
    path("auth/csrf", views.CsrfView.as_view(), name="auth-csrf"),
    path("auth/session", views.SessionView.as_view(), name="auth-session"),
    path("me", views.MeView.as_view(), name="me"),
    path("me/preferences", views.PreferencesView.as_view(), name="me-preferences"),
    *router.urls,
]
