"""Signing in and up by django-allauth: what of it is ours."""
