"""Who may open which page of the admin: one row for every address of the admin site.

A new page needs a row here: what each person meets, and the object that it is about. The objects
are those of `tests.scene`: they belong to one class and to its student.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.urls import URLPattern, URLResolver

from accounts.tests.clients import browser_as
from tests.scene import Scene

# The columns: not signed in, a student of the class, its teacher, its co-teacher, its assistant
# (who teaches elsewhere, or would not get into the admin), the teacher of another class, an admin.
PEOPLE = ("", "student", "teacher", "co_teacher", "assistant", "other_teacher", "admin")

# What somebody meets: the page; their request was done, and led on; a refusal (403); no such
# object for them (the admin's own way to say 404, and the real one); the door.
SHOWN, DONE, REFUSED, NONE, MISSING, DOOR = "shown", "done", "refused", "none", "missing", "door"

# Django's own pages that hold nothing of the school, or are the door itself.
_OPEN = ("login", "logout", "jsi18n", "password_change", "password_change_done", "view_on_site")
_WRITING = ("add", "change", "delete")


@dataclass(frozen=True)
class Page:
    """What PEOPLE meet, and the object of `tests.scene` that the page is about."""

    outcomes: str
    target: str = ""
    query: str = ""


PAGES: dict[str, Page] = {}


def key_of(method: str, name: str) -> str:
    """The name of a page's row."""
    return f"{method} {name}"


def pages() -> Iterator[tuple[str, str, str]]:
    """Method, name and pattern of every address; what writes is also asked by POST."""
    for pattern, name in _walk(admin.site.get_urls()):
        if name is None or name in _OPEN:
            continue
        yield "GET", name, pattern
        if name.endswith(_WRITING) or ("object_id" in pattern and not name.endswith("history")):
            yield "POST", name, pattern


def open_page(key: str, scene: Scene, person: str) -> str:
    """Ask as this person, and take back what it did; returns the outcome."""
    method, name = key.split()
    pattern = next(pattern for _, found, pattern in pages() if found == name)
    path = "/admin/" + _filled(pattern, scene, PAGES[key].target)
    user = scene.school.person(person) if person else None
    if person == "assistant" and user is not None:
        user.role = "teacher"
        user.save()
    browser = browser_as(user)
    with transaction.atomic():
        if method == "GET":
            response = browser.get(f"{path}?{PAGES[key].query}")
        else:
            response = browser.post(path, {"post": "yes", "_form_submitted": "on"})
        transaction.set_rollback(True)
    return _outcome(response)


def _outcome(response: Any) -> str:
    if response.status_code == 403:
        return REFUSED
    if response.status_code == 404:
        return MISSING
    if response.status_code == 302:
        target = response["Location"]
        if target.startswith(("/admin/login/", "/accounts/login/")):
            return DOOR
        return NONE if target == "/admin/" else DONE
    assert response.status_code == 200, response.status_code
    return DONE if "HX-Redirect" in response else SHOWN


def _filled(pattern: str, scene: Scene, target: str) -> str:
    path = pattern.strip("^$")
    if "(?P<app_label>" in path:
        return "classrooms/"
    while "<" in path:
        start, end = path.index("<"), path.index(">")
        path = f"{path[:start]}{scene.ids[target]}{path[end + 1 :]}"
    return path


def _walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Any:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        else:
            yield path, pattern.name
