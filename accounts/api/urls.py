"""Routes of accounts."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts.api import live_sessions, views
from accounts.api.invitations import InvitationViewSet

router = SimpleRouter(trailing_slash=False)
router.register("users", views.UserViewSet, basename="user")
router.register("invitations", InvitationViewSet, basename="invitation")

urlpatterns = [
    path("auth/csrf", views.CsrfView.as_view(), name="auth-csrf"),
    path("me", views.MeView.as_view(), name="me"),
    path("me/sessions", live_sessions.MySessionsView.as_view(), name="me-sessions"),
    path("me/sessions/<str:handle>", live_sessions.MySessionView.as_view(), name="me-session"),
    path("me/preferences", views.PreferencesView.as_view(), name="me-preferences"),
    *router.urls,
]
