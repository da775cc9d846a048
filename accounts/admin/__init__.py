"""Accounts in the admin. Importing it registers the pages."""

from django.contrib import admin
from django.contrib.auth.models import Group

from accounts.admin import users  # noqa: F401

admin.site.unregister(Group)  # permissions come from policies, not from groups
