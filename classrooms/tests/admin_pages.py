"""The pages of classes in the admin, and what a browser does with them."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from classrooms.models import Classroom

CLASSROOMS = "/admin/classrooms/classroom/"
MEMBERS = "/admin/classrooms/member/"
USERS = "/admin/accounts/user/"
NO_MEMBERS = {
    "members-TOTAL_FORMS": "0",
    "members-INITIAL_FORMS": "0",
    "join_rules-TOTAL_FORMS": "0",
    "join_rules-INITIAL_FORMS": "0",
}


def form_of(classroom: Classroom, **changes: Any) -> dict[str, Any]:
    """What the form of a class posts, without members and rules, with changes."""
    return {
        "name": classroom.name,
        "subject": classroom.subject or "",
        "description": "",
        "is_active": "true",
        **NO_MEMBERS,
        **changes,
    }


def text(response: HttpResponse) -> str:
    return response.content.decode()


def ids(response: HttpResponse) -> set[str]:
    return {row["id"] for row in json.loads(response.content)["results"]}


def autocomplete(browser: Client, model: str, field: str, term: str = "") -> HttpResponse:
    return browser.get(
        "/admin/autocomplete/",
        {"app_label": "classrooms", "model_name": model, "field_name": field, "term": term},
    )
