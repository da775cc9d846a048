"""Invitations: how someone becomes a teacher or an administrator."""

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils import timezone

from accounts.models.user import Role, User
from accounts.rules import address_written, validate_address, validate_name


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Only admins keep invitations."""
        return self if user.role == Role.ADMIN else self.none()

    def open(self) -> Self:
        """Those that can still be accepted."""
        return self.filter(accepted_at__isnull=True, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """An address that may take a role; whoever reads its mail holds the token.

    Only the token's SHA-256 is kept, so that the table is worth nothing to a thief.
    """

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    email = models.EmailField(max_length=254, validators=[validate_address])
    name = models.CharField(
        max_length=100, blank=True, default="", db_default="", validators=[validate_name]
    )
    role = models.CharField(
        max_length=20, choices=Role, default=Role.TEACHER, db_default=Role.TEACHER
    )
    token_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    accepted_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    expires_at = models.DateTimeField(editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar = InvitationQuerySet.as_manager()

    class Meta:
        db_table = "invitations"
        ordering = ("-created_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="invitations_email_lower"
            ),
            # One open invitation an address: asking again replaces it.
            models.UniqueConstraint(
                fields=["email"],
                condition=models.Q(accepted_at__isnull=True),
                name="invitations_email_open_key",
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} as {self.role}"

    def clean(self) -> None:
        super().clean()
        self.email = address_written(self.email)
