"""Four weeks of activity: recent events as events, older ones as the rollups they would be.

The store of events keeps seven days. What is older exists only as page view counters,
engagement and learning progress, so those are computed from the simulated events with
analytics' own formulas and written through the stores' interfaces.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from accounts.models import User
from analytics.events.registry import ANSWER_GRADED, STUDY_TIME, TOPIC_MASTERED
from analytics.models import LearningDay
from analytics.rollups.engagement import EngagementDay
from analytics.rollups.learning import LearningPart, LearningParts, weeks
from analytics.services import events_record, rollups_rebuild
from analytics.services.intake import page_view_counts
from analytics.services.rollups import retained_days
from analytics.stores.events.base import HOUR, Event
from analytics.stores.rollups.base import PageHour
from config import limits
from config.demo.classes import CLASSES
from config.demo.people import STUDENTS, students_of
from config.demo.plan import ClassPlan
from config.demo.school import HISTORY_DAYS, School
from config.demo.simulation import Course, Learner, events_between
from config.demo.sittings import sittings_of
from config.demo.students import character_of
from config.stores import stores
from progress.mastery import MASTERED
from progress.models import MasteryEvidence
from progress.services.evidence import level_of


def timeline_make(school: School) -> Iterator[str]:
    """Write four weeks of activity; doing it again changes nothing."""
    days: list[list[Event]] = list(
        events_between(
            learners_of(school), school.today - timedelta(days=HISTORY_DAYS), school.now.date()
        )
    )
    past = [event for day in days for event in day if event.event_time <= school.now]
    kept_from = _hour_after(school.now - limits.EVENT_RETENTION)
    recent = [event for event in past if event.event_time >= kept_from]
    events_record(events=recent)
    yield f"{len(recent)} events of the last week"
    older = [event for event in past if event.event_time < kept_from]
    _count_page_views(page_view_counts(older))
    first, last = retained_days(school.now)
    parts = _write_days(_by_day([*past, *_noted(school)], before=first))
    yield f"{len(parts)} days of study before that"
    rollups_rebuild(start=first, end=last, now=school.now)
    stores["events"].purge(school.now)  # the old ones, which the grading of the past has sent
    yield "rollups"


def learners_of(school: School) -> list[Learner]:
    """The students with what they find in each of their classes."""
    courses = {plan.folder: _course(school, plan) for plan in CLASSES}
    classes = {
        person.email: tuple(
            courses[plan.folder] for plan in CLASSES if person in students_of(plan.folder)
        )
        for person in STUDENTS
    }
    return [
        Learner(
            user_id=school.people[person.handle].pk,
            email=person.email,
            character=character_of(person.email),
            courses=classes[person.email],
        )
        for person in STUDENTS
    ]


def _course(school: School, plan: ClassPlan) -> Course:
    return Course(
        path=f"/classes/{school.classrooms[plan.folder].pk}",
        subject=plan.subject,
        documents=plan.documents,
        recordings=tuple(meeting.title for meeting in plan.meetings if meeting.dialogue),
        lessons=tuple(topic.name for topic in plan.topics),
    )


def _hour_after(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0) + HOUR


def _count_page_views(wanted: Counter[PageHour]) -> None:
    """Bring the counters of past hours to what they should be, whatever they are."""
    for day in sorted({key.date for key in wanted}):
        counted = {
            PageHour(row.date, row.hour, row.page): row.view_count
            for row in stores["page_view_stats"].of_date(day)
        }
        missing = {
            key: count - counted.get(key, 0) for key, count in wanted.items() if key.date == day
        }
        stores["page_view_stats"].add(missing)


def _by_day(events: Iterable[Event], *, before: date) -> dict[date, list[Event]]:
    days: dict[date, list[Event]] = {}
    for event in sorted(events, key=lambda event: event.event_time):
        day = event.event_time.astimezone(UTC).date()
        if day < before:
            days.setdefault(day, []).append(event)
    return days


def _write_days(days: dict[date, list[Event]]) -> list[LearningPart]:
    """Write the rollups of days whose events are not kept."""
    parts: list[LearningPart] = []
    for day, events in days.items():
        engagement, learning = EngagementDay(day), LearningParts(day)
        for event in events:
            engagement.see(event)
            learning.see(event)
        stores["user_engagement"].save(engagement.rows)
        parts += learning.parts
    stores["learning_progress"].save(weeks(parts))
    # The week that is half kept is put together again every night, from these rows.
    LearningDay.objects.bulk_create(
        [
            LearningDay(
                user_id=part.user_id,
                subject=part.subject,
                date=part.date,
                lessons=sorted(part.lessons),
                minutes=part.minutes,
                scores=part.scores,
                topics=sorted(part.topics),
            )
            for part in parts
        ],
        update_conflicts=True,
        unique_fields=["user_id", "subject", "date"],
        update_fields=["lessons", "minutes", "scores", "topics"],
    )
    return parts


def _noted(school: School) -> Iterator[Event]:
    """What studying and grading have told analytics, as events again."""
    for plan in CLASSES:
        for assessment in plan.assessments:
            for sitting in sittings_of(school, plan, assessment):
                user = school.people[sitting.handle]
                for study in sitting.study:
                    minutes = str(study.minutes)
                    yield _event(study.at, STUDY_TIME, user, plan.subject, minutes=minutes)
    yield from _grades(school)


def _grades(school: School) -> Iterator[Event]:
    """The grades, each at the release of its assessment's results; the rest is not told yet."""
    evidence = (
        MasteryEvidence.objects.released()
        .filter(user__in=school.people.values())
        .select_related("topic", "user", "question__assessment__state")
        .order_by("question__assessment__state__results_released_at", "pk")
    )
    known: dict[tuple[object, object], list[MasteryEvidence]] = {}
    for item in evidence:
        at, subject = item.question.assessment.state.results_released_at, item.topic.subject
        assert at is not None  # they are released
        score = {"question": str(item.question_id), "score": f"{item.fraction:.4f}"}
        yield _event(at, ANSWER_GRADED, item.user, subject, **score)
        history = known.setdefault((item.user_id, item.topic_id), [])
        before = level_of(history)
        history.append(item)
        if before < MASTERED <= level_of(history):
            yield _event(at, TOPIC_MASTERED, item.user, subject, topic=item.topic.name)


def _event(at: datetime, kind: str, user: User, subject: str, **said: str) -> Event:
    return Event(uuid.uuid4(), at, kind, user.pk, {"subject": subject, **said})
