"""Learning progress: a person's weeks in a subject."""

from typing import Any

from accounts.models import Role, User
from analytics.admin.charts import chart
from analytics.admin.forms import SubjectForm
from analytics.admin.page import Content, StorePage, Table
from analytics.selectors.people import people_visible_to
from analytics.selectors.rollups import learning_progress_of, subjects_of
from config import limits

_WEEK = ("week from", "lessons", "minutes", "average score", "topics mastered")


class LearningPage(StorePage):
    """First a student, then a subject, then its weeks."""

    title = "Learning progress"
    form_class = SubjectForm

    def content(self, caller: User, query: dict[str, Any]) -> Content:
        person, subject = query["person"], query["subject"]
        if person is None:
            return self._people(caller)
        if not subject:
            return self._subjects(caller, person)
        return self._weeks(caller, person, subject)

    def _people(self, caller: User) -> Content:
        people = people_visible_to(caller).filter(role=Role.STUDENT).order_by("email")
        rows = [
            (self.link(person, person=person.email), person.email)
            for person in people[: limits.ANALYTICS_ROWS]
        ]
        title = f"The first {limits.ANALYTICS_ROWS} students"
        return Content(tables=[Table(title, ("student", "email"), rows, "No students yet.")])

    def _subjects(self, caller: User, person: User) -> Content:
        rows = [
            (self.link(subject, person=person.email, subject=subject),)
            for subject in subjects_of(caller=caller, user=person.pk)
        ]
        return Content(tables=[Table(f"{person}", ("subject",), rows, "No subjects yet.")])

    def _weeks(self, caller: User, person: User, subject: str) -> Content:
        weeks = learning_progress_of(caller=caller, user=person.pk, subject=subject)
        oldest_first = list(weeks)[::-1]
        rows = [
            (
                row.week_start,
                row.lessons_completed,
                row.time_spent_minutes,
                "" if row.average_score is None else f"{row.average_score:.0%}",
                ", ".join(sorted(row.topics_mastered)),
            )
            for row in weeks
        ]
        return Content(
            charts=[
                chart(
                    f"{person} in {subject}",
                    "bar",
                    [row.week_start for row in oldest_first],
                    [row.time_spent_minutes for row in oldest_first],
                    label="minutes",
                )
            ],
            tables=[Table("Weeks", _WEEK, rows, "No weeks yet.")],
        )
