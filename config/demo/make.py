"""Makes the demo school step by step; a run that was interrupted is finished by the next."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from accounts.models import User
from config.demo.exams import assessments_make
from config.demo.lessons import (
    classrooms_make,
    material_make,
    meetings_make,
    people_make,
    topics_make,
)
from config.demo.logins import logins_make
from config.demo.people import ADMIN, DOMAIN
from config.demo.school import School, school_open
from config.demo.timeline import timeline_make

Step = Callable[[School], Iterator[str]]

STEPS: tuple[tuple[str, Step], ...] = (
    ("people", people_make),
    ("classes", classrooms_make),
    ("material", material_make),
    ("meetings", meetings_make),
    ("topics", topics_make),
    ("assessments", assessments_make),
    ("activity", timeline_make),
)


def demo_begun() -> bool:
    """Whether the database holds the school's admin."""
    begun: bool = User.objects.filter(email=ADMIN.email).exists()
    return begun


def others_exist() -> bool:
    """Whether the database holds people who are not of the demo school."""
    others: bool = User.objects.exclude(email__endswith=f"@{DOMAIN}").exists()
    return others


def demo_make(*, now: datetime, logins: Path, say: Callable[[str, str], None]) -> None:
    """Make what is missing of the school, and then new logins in the file `logins`.

    `say` is called with the step's name and a line, after each part of it. The file of logins
    comes last: where it is, the school is complete.
    """
    logins.unlink(missing_ok=True)
    school = school_open(now)
    for name, step in STEPS:
        for line in step(school):
            say(name, line)
    logins_make(school.people, logins)
    say("logins", str(logins))
