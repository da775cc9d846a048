"""Django's app configurations of the platform itself."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConfigConfig(AppConfig):
    """Management commands and templates that belong to no single app.

    It also connects apps that stand side by side and don't import each other.
    """

    name = "config"
    label = "config"

    def ready(self) -> None:
        from assessments.selectors import search_is_locked
        from config import checks  # noqa: F401 - registers them
        from retrieval.guards import register_search_lock

        register_search_lock(search_is_locked)


class LecternAdminConfig(AdminConfig):
    """The admin, with the platform's own site as the default one."""

    default_site = "config.admin_site.LecternAdminSite"
