"""Routes of analytics."""

from django.urls import path

from analytics.api import views

urlpatterns = [
    path("events", views.EventsView.as_view(), name="event-list"),
    path("activity", views.ActivityView.as_view(), name="activity-list"),
    path("analytics/page-views", views.PageViewsView.as_view(), name="page-views"),
    path("analytics/engagement", views.EngagementView.as_view(), name="engagement"),
    path(
        "analytics/learning-progress",
        views.LearningProgressView.as_view(),
        name="learning-progress",
    ),
]
