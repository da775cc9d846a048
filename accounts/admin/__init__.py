"""Accounts in the admin. Importing it registers the pages."""

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group

from accounts.admin import invitations, lockouts, users  # noqa: F401

admin.site.unregister(Group)  # permissions come from policies, not from groups
# The libraries' pages know nothing of who may see what; these rows are kept by account pages.
for model in (EmailAddress, EmailConfirmation, Authenticator):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
