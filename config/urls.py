"""Every address of the platform."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.auth import pages
from accounts.files import private_file
from config import health
from config.metrics import metrics

handler400 = "config.problems.bad_request"
handler500 = "config.problems.server_error"

urlpatterns = [
    path("", pages.home, name="home"),
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}lectern/favicon.svg")),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", metrics, name="metrics"),
    path("files/<str:token>/<str:filename>", private_file, name="private-file"),
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.auth.page_urls")),
    path("_allauth/", include("accounts.auth.urls")),
    path("api/v1/", include("config.api.urls")),
]
