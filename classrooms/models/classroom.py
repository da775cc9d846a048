"""Classrooms and their members: the spec's tables `classrooms` and `classroom_members`."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Role, User
from config.db import NamedIndex

JOIN_CODE_LENGTH = 8


class ClassroomQuerySet(models.QuerySet["Classroom"]):
    """Classrooms, by who may see or run them."""

    def visible_to(self, user: User) -> Self:
        """Those that the user belongs to; for an admin, all."""
        if user.role == Role.ADMIN:
            return self
        member = Member.objects.filter(classroom=models.OuterRef("pk"), user=user)
        return self.filter(models.Q(teacher=user) | models.Exists(member))

    def taught_by(self, user: User) -> Self:
        """Those that the user runs: as their teacher or as a member with a teaching role."""
        if user.role == Role.ADMIN:
            return self
        return self._run_by(user, MemberRole.teaching_of(user))

    def owned_by(self, user: User) -> Self:
        """Those whose people the user decides on: as their teacher or a co-teacher."""
        if user.role == Role.ADMIN:
            return self
        return self._run_by(user, (MemberRole.TEACHER,)) if user.is_staff else self.none()

    def _run_by(self, user: User, roles: "tuple[MemberRole, ...]") -> Self:
        member = Member.objects.filter(classroom=models.OuterRef("pk"), user=user, role__in=roles)
        if not user.is_staff:
            return self.filter(models.Exists(member))
        return self.filter(models.Q(teacher=user) | models.Exists(member))


class Classroom(models.Model):
    """A class: its teacher, its members, and all that they do together."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    name = models.CharField(max_length=200)
    description = models.TextField(null=True, blank=True)
    subject = models.CharField(max_length=100, null=True, blank=True)
    teacher = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="classrooms", db_index=False
    )
    join_code = models.CharField(max_length=JOIN_CODE_LENGTH, null=True, editable=False)
    is_active = models.BooleanField(null=True, default=True, db_default=True)
    created_at = models.DateTimeField(
        null=True, default=timezone.now, db_default=Now(), editable=False
    )

    objects: ClassVar = ClassroomQuerySet.as_manager()

    class Meta:
        db_table = "classrooms"
        ordering = ("name", "pk")
        constraints = (
            models.UniqueConstraint(fields=["join_code"], name="classrooms_join_code_key"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def classroom(self) -> "Classroom":
        """Itself: everything that belongs to a class answers to this name."""
        return self


class MemberRole(models.TextChoices):
    """What a member is to the class, the lowest first."""

    STUDENT = "student"
    ASSISTANT = "assistant"
    TEACHER = "teacher"

    @classmethod
    def teaching(cls) -> tuple["MemberRole", ...]:
        """The roles that run the class beside its teacher."""
        return (cls.TEACHER, cls.ASSISTANT)

    @classmethod
    def teaching_of(cls, user: User) -> tuple["MemberRole", ...]:
        """The roles by which this person runs a class.

        A teacher whom the school has made a student is nobody's co-teacher any more.
        """
        return cls.teaching() if user.is_staff else (cls.ASSISTANT,)


class MemberQuerySet(models.QuerySet["Member"]):
    """Members, by who may see them."""

    def visible_to(self, user: User) -> Self:
        return self.filter(classroom__in=Classroom.objects.visible_to(user))


class Member(models.Model):
    """A person's place in a class."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    # The migration adds both constraints with ON DELETE CASCADE.
    classroom = models.ForeignKey(
        Classroom,
        on_delete=models.CASCADE,
        related_name="members",
        db_index=False,
        db_constraint=False,
    )
    user = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        related_name="memberships",
        db_index=False,
        db_constraint=False,
    )
    role = models.CharField(
        max_length=20, choices=MemberRole, default=MemberRole.STUDENT, db_default=MemberRole.STUDENT
    )
    joined_at = models.DateTimeField(
        null=True, default=timezone.now, db_default=Now(), editable=False
    )

    objects: ClassVar = MemberQuerySet.as_manager()

    class Meta:
        db_table = "classroom_members"
        ordering = ("joined_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["classroom", "user"], name="classroom_members_classroom_id_user_id_key"
            ),
        )
        indexes = (
            NamedIndex(fields=["user"], name="idx_classroom_members_user"),
            NamedIndex(fields=["classroom"], name="idx_classroom_members_classroom"),
        )

    def __str__(self) -> str:
        return f"{self.user} in {self.classroom}"
