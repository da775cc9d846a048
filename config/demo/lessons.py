"""The first steps: people, classes, material, meetings and topics.

Each step leaves alone what is there, so that a run takes up where an earlier one ended.
"""

import math
import secrets
import struct
import wave
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import User
from accounts.services import user_create
from classrooms.models import Classroom, Member, MemberRole
from classrooms.services import classroom_create, classroom_join, member_add
from config.demo.classes import CLASSES
from config.demo.clock import backdate, clock_at
from config.demo.dialogue import dialogue_read, dialogue_vtt
from config.demo.people import ADMIN, STUDENTS, TEACHERS, students_of
from config.demo.plan import MATERIAL, ClassPlan, MeetingPlan
from config.demo.school import School
from config.demo.students import dice
from meetings.models import Meeting
from meetings.services import (
    meeting_end,
    meeting_schedule,
    meeting_start,
    recording_upload,
    transcript_upload,
)
from progress.models import Topic
from progress.services import topic_create
from retrieval.services import document_ingest_file

_CHIME_SECONDS = 2
_SAMPLE_RATE = 8000


def people_make(school: School) -> Iterator[str]:
    """An admin, two teachers and thirty students, with passwords that nobody knows yet."""
    admin = None
    for person in (ADMIN, *TEACHERS, *STUDENTS):
        user = User.objects.filter(email=person.email).first()
        if user is None:
            with clock_at(school.founded_at), transaction.atomic():
                user = user_create(
                    actor=admin,
                    email=person.email,
                    password=secrets.token_urlsafe(24),
                    role=person.role,
                    name=person.name,
                )
                backdate(user, created_at=school.founded_at)
        admin = admin or user
        school.people[person.handle] = user
    yield f"{len(school.people)} people"


def classrooms_make(school: School) -> Iterator[str]:
    """Three classes; the students join by code."""
    for plan in CLASSES:
        teacher = school.people[plan.teacher]
        classroom = Classroom.objects.filter(teacher=teacher, name=plan.name).first()
        school.classrooms[plan.folder] = classroom or _classroom(school, plan, teacher)
        yield f"class {plan.name}"


@transaction.atomic
def _classroom(school: School, plan: ClassPlan, teacher: User) -> Classroom:
    opened = school.moment(-29, 9)
    with clock_at(opened):
        classroom = classroom_create(
            actor=teacher, name=plan.name, subject=plan.subject, description=plan.description
        )
        backdate(classroom, created_at=opened)
        for handle in plan.assistants:
            member = member_add(
                actor=teacher,
                classroom=classroom,
                user=school.people[handle],
                role=MemberRole.ASSISTANT,
            )
            backdate(member, joined_at=opened)
    for person in students_of(plan.folder):
        joined = opened + timedelta(minutes=dice("join", plan.folder, person.email).randrange(600))
        with clock_at(joined):
            entered = classroom_join(
                user=school.people[person.handle], join_code=classroom.join_code or ""
            )
            assert isinstance(entered, Member)  # the class asks for no approval
            backdate(entered, joined_at=joined)
    return classroom


def material_make(school: School) -> Iterator[str]:
    """Every document, ingested here and now; an unchanged one costs its hash."""
    for plan in CLASSES:
        for filename in plan.documents:
            result = document_ingest_file(
                classroom=school.classrooms[plan.folder],
                path=MATERIAL / plan.folder / filename,
                filename=filename,
                actor=school.people[plan.teacher],
            )
            yield f"{filename}: {result.document.chunks} passages"


def meetings_make(school: School) -> Iterator[str]:
    """Past meetings with a recording and a transcript, and those to come."""
    for plan in CLASSES:
        classroom = school.classrooms[plan.folder]
        for meeting in plan.meetings:
            if not Meeting.objects.filter(classroom=classroom, title=meeting.title).exists():
                _meeting(school, classroom, meeting)
            yield f"meeting {meeting.title}"


@transaction.atomic
def _meeting(school: School, classroom: Classroom, plan: MeetingPlan) -> None:
    teacher = classroom.teacher
    begins = school.moment(plan.day, plan.hour)
    planned = min(begins, school.moment(0, 0)) - timedelta(days=4)
    with clock_at(planned):
        meeting = meeting_schedule(
            actor=teacher,
            classroom=classroom,
            title=plan.title,
            description=plan.description,
            scheduled_at=begins,
            duration_minutes=plan.minutes,
        )
        backdate(meeting, created_at=planned)
    if not plan.dialogue:
        return
    with clock_at(begins):
        meeting = meeting_start(actor=teacher, meeting=meeting)
    lines = dialogue_read(plan.dialogue)
    ended = begins + timedelta(minutes=plan.minutes)
    with clock_at(ended):
        meeting = meeting_end(actor=teacher, meeting=meeting)
        recording = recording_upload(
            actor=teacher,
            meeting=meeting,
            file=ContentFile(_chime(), name="lesson.wav"),
            duration_seconds=_CHIME_SECONDS,
            summary=f"{plan.summary} (A chime stands for the sound of the lesson.)",
            transcript="\n".join(f"{speaker}: {words}" for speaker, words in lines),
        )
        backdate(recording, created_at=ended)
        transcript_upload(actor=teacher, meeting=meeting, content=dialogue_vtt(lines))


def _chime() -> bytes:
    """A tone that dies away, as a WAV file: something that can really be played."""
    samples = (
        round(9000 * math.exp(-2.5 * t) * math.sin(2 * math.pi * 523.25 * t))
        for t in (n / _SAMPLE_RATE for n in range(_CHIME_SECONDS * _SAMPLE_RATE))
    )
    target = BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_SAMPLE_RATE)
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return target.getvalue()


def topics_make(school: School) -> Iterator[str]:
    """The topics of each subject with what has to be learned before them."""
    for plan in CLASSES:
        for topic in plan.topics:
            key = (plan.subject, topic.name)
            found = Topic.objects.filter(subject=plan.subject, name=topic.name).first()
            if found is None:
                with clock_at(school.founded_at), transaction.atomic():
                    found = topic_create(
                        actor=school.people[plan.teacher],
                        subject=plan.subject,
                        name=topic.name,
                        prerequisites=[
                            school.topics[plan.subject, name] for name in topic.prerequisites
                        ],
                    )
                    backdate(found, created_at=school.founded_at)
            school.topics[key] = found
    yield f"{len(school.topics)} topics"
