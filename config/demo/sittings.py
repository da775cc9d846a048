"""When each student prepares for an assessment and takes it: pure, from the fixed seed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from config.demo.people import DEMO_STUDENT, students_of
from config.demo.plan import AssessmentPlan, ClassPlan
from config.demo.school import School
from config.demo.students import character_of, dice, takers_of

DUE_HOUR = 20
_MARGIN = timedelta(hours=2)


@dataclass(frozen=True)
class StudyTime:
    """Minutes that a student spent on a topic, noted at `at`."""

    topic: str
    minutes: int
    at: datetime


@dataclass(frozen=True)
class Sitting:
    """A student's attempt: from when to when, and what went before it."""

    handle: str
    email: str
    started_at: datetime
    submitted_at: datetime
    study: tuple[StudyTime, ...]


def sittings_of(school: School, plan: ClassPlan, assessment: AssessmentPlan) -> list[Sitting]:
    """Who takes an assessment, the earliest first; nobody before it is published or later
    than the first moment of the school's today."""
    people = {person.email: person for person in students_of(plan.folder)}
    if assessment.due > 0:  # still open: the student of the printed login is to take it
        people.pop(DEMO_STUDENT.email, None)
    opens = published_at(school, assessment) + _MARGIN
    closes = min(due_at(school, assessment), school.moment(0, 0)) - _MARGIN
    found = [
        _sitting(email, people[email].handle, assessment, opens, closes)
        for email in takers_of(assessment, list(people))
    ]
    return sorted(found, key=lambda sitting: sitting.started_at)


def published_at(school: School, assessment: AssessmentPlan) -> datetime:
    """When the class saw it first."""
    return school.moment(assessment.published, 8)


def due_at(school: School, assessment: AssessmentPlan) -> datetime:
    """When it closes."""
    return school.moment(assessment.due, DUE_HOUR)


def _sitting(
    email: str, handle: str, assessment: AssessmentPlan, opens: datetime, closes: datetime
) -> Sitting:
    chance = dice("sitting", assessment.title, email)
    latest = closes - timedelta(minutes=assessment.minutes)
    started = opens + (latest - opens) * chance.random()
    # By day: whoever would sit at night does so ten hours later, or earlier if that is late.
    if started.hour < 7:
        shifted = started + timedelta(hours=8)
        started = shifted if shifted <= latest else started - timedelta(hours=8)
    started = max(started, opens).replace(microsecond=0)
    taken = timedelta(minutes=assessment.minutes * (0.35 + 0.6 * chance.random()))
    submitted = (started + taken).replace(microsecond=0)
    topics = sorted({question.topic for question in assessment.questions})
    diligence = character_of(email).diligence
    study = tuple(
        StudyTime(
            topic,
            5 + round(40 * diligence * chance.random()),
            started - timedelta(minutes=40 + 60 * place),
        )
        for place, topic in enumerate(topics)
    )
    return Sitting(handle, email, started, submitted, study)
