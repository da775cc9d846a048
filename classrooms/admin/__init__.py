"""Classes in the admin. Importing it registers the pages."""

from classrooms.admin import classrooms, join_requests, members, roster_imports  # noqa: F401
