"""A class in which there is much of everything, for lists that must not ask more for more rows.

`Crowd.grow(n)` adds n rows of every table that a list shows, all of the teacher's classes and
each with neighbours of its own (another student, another assessment …), so that a list which
looks something up row by row can't hide it.
"""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from accounts.activity import Activity
from accounts.models import Invitation, User
from accounts.tests.factories import AdminFactory, TeacherFactory, UserFactory
from analytics.models import LearningDay
from analytics.stores.events.base import Event
from analytics.stores.rollups.base import LearningProgress, PageHour, UserEngagement
from assessments.models import (
    Assessment,
    AssessmentState,
    Attempt,
    ProctorSession,
    Question,
    QuestionGuide,
    Submission,
)
from assessments.stores.base import ProctoringReport
from classrooms.models import Classroom, JoinRequest, Member, RosterImport, RosterImportState
from classrooms.tests.factories import ClassroomFactory
from config.stores import stores
from meetings.models import Meeting, Recording
from meetings.stores.base import Transcript, TranscriptSegment
from progress.models import MasteryEvidence, Progress, QuestionTopic, Topic
from retrieval.models import (
    AnswerFeedback,
    ChatSession,
    Document,
    IngestState,
    VectorRemoval,
    WebPage,
)


class Crowd:
    """A teacher with a class, a student of theirs, and an admin; `classroom` has the rest."""

    def __init__(self) -> None:
        self.teacher: User = TeacherFactory()
        self.admin: User = AdminFactory()
        self.classroom: Classroom = ClassroomFactory(teacher=self.teacher)
        self.student: User = UserFactory()
        Member.objects.create(classroom=self.classroom, user=self.student)
        self.now = timezone.now()

    def grow(self, rows: int) -> None:
        students = User.objects.bulk_create(UserFactory.build_batch(rows))
        waiting = User.objects.bulk_create(UserFactory.build_batch(rows))
        classes = Classroom.objects.bulk_create(
            Classroom(name=f"Class {n}", subject=f"Subject {n}", teacher=self.teacher)
            for n in range(rows)
        )
        Member.objects.bulk_create(
            Member(classroom=place, user=student)
            for student, other in zip(students, classes, strict=True)
            for place in (self.classroom, other)
        )
        JoinRequest.objects.bulk_create(
            JoinRequest(classroom=place, user=user)
            for user, place in zip(waiting, classes, strict=True)
        )
        RosterImport.objects.bulk_create(
            RosterImport(
                classroom=place,
                created_by=self.teacher,
                filename="roster.csv",
                state=RosterImportState.DONE,
            )
            for place in classes
        )
        Invitation.objects.bulk_create(
            Invitation(
                email=f"{uuid4().hex}@school.test",
                token_sha256=uuid4().hex,
                invited_by=self.admin,
                expires_at=self.now + timedelta(days=1),
            )
            for _ in range(rows)
        )
        self._meetings(classes)
        self._assessments(classes, students)
        self._material(classes)
        self._analytics(students)

    def _meetings(self, classes: list[Classroom]) -> None:
        meetings = Meeting.objects.bulk_create(
            Meeting(
                classroom=place,
                title="Lesson about light",
                scheduled_at=self.now,
                created_by=self.teacher,
            )
            for place in classes
        )
        Recording.objects.bulk_create(
            Recording(meeting=meeting, file_url="https://video.school.test/a.mp4")
            for meeting in meetings
        )
        said = "Plants make sugar from light."
        for meeting in meetings:
            stores["transcripts"].save(
                Transcript(
                    meeting_id=meeting.pk,
                    segments=(TranscriptSegment("Ada", 0, 5, said),),
                    full_text=said,
                    word_count=5,
                    duration_seconds=5,
                    language="en",
                    created_at=self.now,
                )
            )

    def _assessments(self, classes: list[Classroom], students: list[User]) -> None:
        quizzes = Assessment.objects.bulk_create(
            Assessment(classroom=place, title="Quiz", type="quiz", total_points=5)
            for place in classes
        )
        AssessmentState.objects.bulk_create(
            AssessmentState(assessment=quiz, published_at=self.now, results_released_at=self.now)
            for quiz in quizzes
        )
        questions = Question.objects.bulk_create(
            Question(
                assessment=quiz,
                question_text="Why?",
                question_type="essay",
                points=5,
                order_index=0,
            )
            for quiz in quizzes
        )
        QuestionGuide.objects.bulk_create(QuestionGuide(question=found) for found in questions)
        pairs = list(zip(quizzes, students, strict=True))
        attempts = Attempt.objects.bulk_create(
            Attempt(assessment=quiz, user=student, state="submitted") for quiz, student in pairs
        )
        sessions = ProctorSession.objects.bulk_create(
            ProctorSession(attempt=attempt, ended_at=self.now) for attempt in attempts
        )
        Submission.objects.bulk_create(
            Submission(assessment=quiz, user=student, answers={}) for quiz, student in pairs
        )
        for session, (quiz, student) in zip(sessions, pairs, strict=True):
            stores["proctoring_reports"].save(
                ProctoringReport(
                    session_id=session.pk,
                    user_id=student.pk,
                    assessment_id=quiz.pk,
                    integrity_score=90.0,
                    risk_level="low",
                    started_at=self.now,
                    ended_at=self.now,
                )
            )
        topics = Topic.objects.bulk_create(
            Topic(subject="Mathematics", name=f"Topic {uuid4().hex}", created_by=self.teacher)
            for _ in quizzes
        )
        QuestionTopic.objects.bulk_create(
            QuestionTopic(question=question, topic=topic)
            for question, topic in zip(questions, topics, strict=True)
        )
        trios = list(zip(students, topics, questions, strict=True))
        Progress.objects.bulk_create(
            Progress(user=student, topic=topic) for student, topic, _ in trios
        )
        MasteryEvidence.objects.bulk_create(
            MasteryEvidence(
                user=student,
                topic=topic,
                question=question,
                fraction=1,
                answered_at=self.now,
                graded_at=self.now,
                model_version="test",
                mastery_after="0.50",
            )
            for student, topic, question in trios
        )

    def _material(self, classes: list[Classroom]) -> None:
        Document.objects.bulk_create(
            Document(
                classroom=place,
                uploaded_by=self.teacher,
                filename=f"{uuid4().hex}.md",
                file=f"documents/{uuid4().hex}",
                size_bytes=1,
                file_hash=uuid4().hex,
                state=IngestState.READY,
            )
            for place in classes
        )
        VectorRemoval.objects.bulk_create(
            VectorRemoval(collection="documents", owner=str(uuid4())) for _ in classes
        )
        WebPage.objects.bulk_create(
            WebPage(
                source_url=f"https://example.org/{uuid4().hex}",
                host="example.org",
                added_by=self.teacher,
                state=IngestState.READY,
            )
            for _ in classes
        )
        ChatSession.objects.bulk_create(
            ChatSession(user=self.teacher, classroom=place) for place in classes
        )
        AnswerFeedback.objects.bulk_create(
            AnswerFeedback(
                user=self.teacher,
                classroom=place,
                session_id=uuid4(),
                message_id=uuid4(),
                question="What is sugar?",
                query="What is sugar?",
                answered=True,
                helpful=True,
            )
            for place in classes
        )

    def _analytics(self, students: list[User]) -> None:
        today = self.now.date()
        LearningDay.objects.bulk_create(
            LearningDay(user_id=student.pk, subject="Mathematics", date=today)
            for student in students
        )
        people = [(number, student.pk) for number, student in enumerate(students)]
        stores["events"].add(
            [Event(uuid4(), self.now, "page_view", pk, {"page": f"/{n}"}) for n, pk in people]
        )
        stores["page_view_stats"].add({PageHour(today, 1, f"/page{n}"): 1 for n, _ in people})
        stores["user_engagement"].save(
            [
                UserEngagement(self.student.pk, today - timedelta(days=n), 1, 1, 1, 1, 50.0)
                for n, _ in people
            ]
        )
        stores["learning_progress"].save(
            [
                LearningProgress(
                    self.student.pk,
                    "Mathematics",
                    today - timedelta(weeks=n, days=today.weekday()),
                    1,
                    1,
                    0.5,
                    frozenset(),
                )
                for n, _ in people
            ]
        )
        stores["activity_logs"].add(
            [
                Activity(
                    user_id=str(pk),
                    action="login",
                    resource_type="user",
                    resource_id=str(pk),
                    timestamp=self.now,
                )
                for _, pk in people
            ]
        )
