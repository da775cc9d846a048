"""Users: the spec's table `users`."""

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

import rules
from django.apps import apps
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.rules import address_written, validate_address, validate_name


class Role(models.TextChoices):
    """What a person is to the school; what they may do in a class comes from membership."""

    STUDENT = "student"
    TEACHER = "teacher"
    ADMIN = "admin"


class UserQuerySet(models.QuerySet["User"]):
    """Users, by who may see them."""

    def visible_to(self, user: "User") -> "UserQuerySet":
        """Admins see everyone, others the people they share a class with, and themselves."""
        if user.role == Role.ADMIN:
            return self
        # By ids, each kind once: a join of members with members is quadratic in a class. The
        # models are found by relations, for the app of classrooms stands above this one.
        members: Any = self.model._meta.get_field("memberships").related_model
        classes: Any = self.model._meta.get_field("classrooms").related_model
        mine = classes._default_manager.visible_to(user)
        return self.filter(
            models.Q(pk=user.pk)
            | models.Q(
                pk__in=members._default_manager.filter(classroom__in=mine.values("pk"))
                .order_by()
                .values("user")
            )
            | models.Q(pk__in=mine.order_by().values("teacher"))
        )


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes users; `create_superuser` is what `manage.py createsuperuser` calls."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user: User = self.model(email=address_written(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        # Whoever makes an account by hand knows the person: the address is taken as confirmed
        # (accounts/addresses.py does the same; it stands above this file).
        apps.get_model("account", "EmailAddress").objects.create(
            user=user, email=user.email, verified=True, primary=True
        )
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{**fields, "role": Role.ADMIN})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=address_written(username or ""))


class User(AbstractBaseUser):
    """A person who signs in with their email address (stored in lower case)."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    email = models.EmailField(max_length=255, validators=[validate_address])
    password = models.CharField(max_length=255, db_column="password_hash")
    name = models.CharField(max_length=100, null=True, blank=True, validators=[validate_name])
    role = models.CharField(
        max_length=20, choices=Role, default=Role.STUDENT, db_default=Role.STUDENT
    )
    avatar_url = models.URLField(max_length=500, null=True, blank=True)
    created_at = models.DateTimeField(
        null=True, default=timezone.now, db_default=Now(), editable=False
    )
    updated_at = models.DateTimeField(null=True, auto_now=True, db_default=Now())
    last_login = models.DateTimeField(null=True, blank=True, editable=False)
    is_active = models.BooleanField(  # type: ignore[assignment] # nullable in the specification
        null=True, default=True, db_default=True
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "users"
        ordering = ("email",)
        constraints = (
            models.UniqueConstraint(fields=["email"], name="users_email_key"),
            # With the constraint above: one account an address, whatever its case.
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="users_email_lower"
            ),
        )
        indexes = (
            models.Index(fields=["email"], name="idx_users_email"),
            models.Index(fields=["role"], name="idx_users_role"),
        )

    # What a session hangs on; `as_stored` has those of the row that this object was read from or
    # written to.
    SESSION_FIELDS: ClassVar[tuple[str, ...]] = ("password", "role", "is_active", "email")
    as_stored: dict[str, Any]

    def __str__(self) -> str:
        return self.name or self.email

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any, **options: Any) -> "User":
        user = super().from_db(db, field_names, values, **options)
        user.remember_stored(cls.SESSION_FIELDS)
        return user

    def refresh_from_db(self, *args: Any, **options: Any) -> None:
        super().refresh_from_db(*args, **options)
        fields = options.get("fields") or (args[1] if len(args) > 1 else None)
        self.remember_stored(fields or self.SESSION_FIELDS)

    def remember_stored(self, fields: Iterable[str]) -> None:
        """Take these fields as what the row has; one that was not loaded is not known."""
        known = self.__dict__.setdefault("as_stored", {})
        known |= {
            name: self.__dict__[name]
            for name in fields
            if name in self.SESSION_FIELDS and name in self.__dict__
        }

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """With Django's password the role: a session of another role is none, even if Redis,
        where it should have been ended, was down."""
        return salted_hmac(
            "accounts.models.User.session",
            f"{self.role}:{self.password}",
            secret,
            algorithm="sha256",
        ).hexdigest()

    def clean(self) -> None:
        super().clean()
        self.email = address_written(self.email)

    @property
    def is_staff(self) -> bool:
        """Who may enter the admin; what they see there is scoped by object."""
        return self.role in (Role.TEACHER, Role.ADMIN)

    @property
    def is_superuser(self) -> bool:
        """Django's word for the role of admin."""
        return self.role == Role.ADMIN

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Whether a policy (see each app's `policies.py`) grants this permission."""
        return bool(self.is_active) and rules.has_perm(perm, self, obj)

    def has_module_perms(self, app_label: str) -> bool:
        return bool(self.is_active) and self.is_staff

    def get_full_name(self) -> str:
        return str(self)
