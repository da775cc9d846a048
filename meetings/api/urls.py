"""Routes of meetings, recordings and transcripts."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from meetings.api import views

router = SimpleRouter(trailing_slash=False)
router.register("meetings", views.MeetingViewSet, basename="meeting")
router.register("recordings", views.RecordingViewSet, basename="recording")

urlpatterns = [
    path("transcripts/search", views.TranscriptSearchView.as_view(), name="transcript-search"),
    *router.urls,
]
