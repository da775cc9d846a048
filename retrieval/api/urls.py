"""Routes of retrieval."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
