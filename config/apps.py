"""Django's app configurations of the platform itself."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConfigConfig(AppConfig):
    """Management commands and templates that belong to no single app."""

    name = "config"
    label = "config"


class LecternAdminConfig(AdminConfig):
    """The admin, with the platform's own site as the default one."""

    default_site = "config.admin_site.LecternAdminSite"
