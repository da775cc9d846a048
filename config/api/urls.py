"""The API, version 1: each app brings its own routes."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularSwaggerView

from config.api.document import DocumentView
from config.problems import not_found

urlpatterns = [
    path("schema", DocumentView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("", include("accounts.api.urls")),
    path("", include("classrooms.api.urls")),
    path("", include("meetings.api.urls")),
    path("", include("assessments.api.urls")),
    path("", include("retrieval.api.urls")),
    path("", include("progress.api.urls")),
    path("", include("analytics.api.urls")),
    re_path("", not_found),
]
