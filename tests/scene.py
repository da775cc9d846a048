"""A school in which every endpoint has an object to work on, for the permission matrix.

Everything belongs to the class of `School.classroom`, and what belongs to a person, to its
student.
"""

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from uuid import UUID, uuid4
from zipfile import ZipFile

from axes.models import AccessAttempt
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Invitation, User
from accounts.tests.factories import UserFactory
from analytics.models import LearningDay
from assessments import services as exams
from assessments.live import live_open
from assessments.stores.base import ProctoringReport
from assessments.tests.factories import CHOICE, make_assessment, picture
from classrooms.models import Classroom, JoinRequest, RosterImport, RosterImportState
from classrooms.tests.people import School, make_school
from config.stores import stores
from meetings import services as lessons
from meetings.tests.factories import VTT, MeetingFactory, RecordingFactory, transcript
from progress.models import MasteryEvidence, Progress, QuestionTopic
from progress.tests.factories import TopicFactory
from retrieval.models import IngestState, VectorRemoval
from retrieval.tests.factories import (
    TEXT,
    AnswerFeedbackFactory,
    ChatSessionFactory,
    DocumentFactory,
    WebPageFactory,
)

ROSTER = b"email,name,role\nnew.student@school.test,New Student,student\n"


@dataclass(frozen=True)
class Scene:
    """`ids` has the object for each kind of path, by a name of its own."""

    school: School
    ids: dict[str, UUID | int]
    newcomer: User

    @property
    def classroom(self) -> Classroom:
        return self.school.classroom


def make_scene() -> Scene:
    school = make_school()
    classroom, student = school.classroom, school.student
    meeting = MeetingFactory(classroom=classroom)
    live = lessons.meeting_start(actor=school.teacher, meeting=MeetingFactory(classroom=classroom))
    with_transcript = MeetingFactory(classroom=classroom)
    stores["transcripts"].save(transcript(with_transcript.pk, "Photosynthesis makes sugar."))
    published = make_assessment(classroom=classroom, questions=(CHOICE,))
    draft = make_assessment(classroom=classroom, questions=(CHOICE,), publish=False)
    taken = make_assessment(classroom=classroom, questions=(CHOICE,))
    done = make_assessment(classroom=classroom, questions=(CHOICE,))
    proctored = make_assessment(classroom=classroom, questions=(CHOICE,), is_proctored=True)
    attempt = exams.attempt_start(user=student, assessment=taken)
    submission = exams.attempt_submit(
        user=student, attempt=exams.attempt_start(user=student, assessment=done)
    )
    session = exams.attempt_start(user=student, assessment=proctored).proctor_session
    live_open(session)  # as after the commit, which a test never reaches
    stores["proctoring_reports"].save(
        ProctoringReport(
            session_id=session.pk,
            user_id=student.pk,
            assessment_id=proctored.pk,
            integrity_score=90.0,
            risk_level="low",
            started_at=timezone.now() - timedelta(minutes=5),
            ended_at=timezone.now(),
        )
    )
    newcomer = UserFactory()
    invitation = Invitation.objects.create(
        email="invited@school.test",
        token_sha256=uuid4().hex,
        expires_at=timezone.now() + timedelta(days=1),
    )
    topic = TopicFactory(created_by=school.teacher)
    unused = TopicFactory(created_by=school.teacher)
    question = draft.questions.get()
    linked = QuestionTopic.objects.create(question=published.questions.get(), topic=topic)
    evidence = MasteryEvidence.objects.create(
        user=student,
        topic=topic,
        question=linked.question,
        fraction=1,
        answered_at=timezone.now(),
        graded_at=timezone.now(),
        model_version="test",
        mastery_after="0.50",
    )
    ids = {
        "assessment": published.pk,
        "attempt": attempt.pk,
        "chat": ChatSessionFactory(user=student, classroom=classroom).pk,
        "classroom": classroom.pk,
        "invitation": invitation.pk,
        "join_request": JoinRequest.objects.create(classroom=classroom, user=newcomer).pk,
        "evidence": evidence.pk,
        "feedback": AnswerFeedbackFactory(user=student, classroom=classroom).pk,
        "learning_day": LearningDay.objects.create(
            user_id=student.pk, subject="Mathematics", date=timezone.now().date()
        ).pk,
        "lock": AccessAttempt.objects.create(
            username=student.email, ip_address="192.0.2.1", failures_since_start=9
        ).pk,
        "nothing": uuid4(),
        "roster_import": _roster(school),
        "document": DocumentFactory(classroom=classroom, state=IngestState.FAILED).pk,
        "removal": VectorRemoval.objects.create(collection="documents", owner=str(uuid4())).pk,
        "queued_document": DocumentFactory(classroom=classroom).pk,
        "done": done.pk,
        "draft": draft.pk,
        "link": linked.pk,
        "live": live.pk,
        "meeting": meeting.pk,
        "membership": school.membership.pk,
        "progress": Progress.objects.create(user=student, topic=topic, time_spent_minutes=5).pk,
        "question": question.pk,
        "recording": RecordingFactory(meeting=meeting).pk,
        "session": session.pk,
        "student": student.pk,
        "submission": submission.pk,
        "topic": topic.pk,
        "transcript": with_transcript.pk,
        "unused_topic": unused.pk,
        "waiting_web_page": WebPageFactory(state=IngestState.QUEUED).pk,
        "web_page": WebPageFactory(state=IngestState.FAILED, added_by=school.teacher).pk,
    }
    return Scene(school, ids, newcomer)


def _roster(school: School) -> UUID:
    """A roster whose check was fine, and that waits to be confirmed."""
    name = default_storage.save(f"rosters/{uuid4().hex}", ContentFile(ROSTER))
    return RosterImport.objects.create(
        classroom=school.classroom,
        created_by=school.teacher,
        file=name,
        filename="roster.csv",
        state=RosterImportState.READY,
    ).pk


def roster_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("roster.csv", ROSTER, "text/csv")


def vtt_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("lesson.vtt", VTT, "text/vtt")


def text_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("new.md", TEXT, "text/markdown")


def zip_file() -> SimpleUploadedFile:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("week1/new.md", TEXT)
    return SimpleUploadedFile("course.zip", packed.getvalue(), "application/zip")


def picture_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("frame.png", picture(), "image/png")
