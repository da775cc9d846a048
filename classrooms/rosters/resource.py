"""The roster as a Resource of django-import-export: one row is one member.

The library goes through the rows, keeps each one's errors apart and writes in batches. What is
ours: who is known is looked up once for the whole file, an unknown address gets an account in
the batch of its membership, and a dry run writes nothing instead of rolling back, so that it
keeps nobody waiting.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from import_export import fields, resources
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from tablib import Dataset

from accounts.models import User
from accounts.rules import address_written
from accounts.services import accounts_claim
from classrooms.models import Classroom, JoinRequest, Member, MemberRole
from classrooms.policies import role_refusal
from classrooms.rosters.outcome import Outcome
from classrooms.rosters.people import (
    People,
    account_new,
    accounts_create,
    address_problem,
    name_problem,
)
from classrooms.rosters.rows import RosterRow, escaped
from config import limits

Progress = Callable[[int, int], None]  # rows done, rows in all


class _KnownMembers:
    """The library's way to find what a row is about: nothing is asked of the database."""

    def __init__(self, resource: Any, dataset: Any = None) -> None:
        self.resource = resource

    def get_instance(self, row: dict[str, Any]) -> Member | None:
        people: People = self.resource.people
        user = people.users.get(row["entry"].email)
        member = people.members.get(user.pk) if user else None
        if member is not None and user is not None:
            member.user, member.classroom = user, people.classroom  # or each would be a query
        return member


class RosterResource(resources.ModelResource):
    """Members of one class as email, name and role.

    `actor` None is the platform itself (a command). A name is written out and used for a new
    account; no roster renames anybody.
    """

    email = fields.Field(attribute="user__email", column_name="email", readonly=True)
    name = fields.Field(attribute="user__name", column_name="name", readonly=True)
    role = fields.Field(attribute="role", column_name="role")

    class Meta:
        model = Member
        fields = ("email", "name", "role")
        export_order = ("email", "name", "role")
        import_id_fields = ()
        instance_loader_class = _KnownMembers
        use_bulk = True
        batch_size = limits.ROSTER_BATCH
        chunk_size = limits.ROSTER_BATCH
        skip_diff = True
        report_skipped = False
        store_row_values = False

    def __init__(
        self,
        *,
        classroom: Classroom,
        actor: User | None = None,
        on_progress: Progress | None = None,
    ) -> None:
        super().__init__()
        self.classroom, self.actor, self.on_progress = classroom, actor, on_progress

    # --- Out ---

    def get_queryset(self) -> QuerySet[Member]:
        members: QuerySet[Member] = Member.objects.filter(classroom=self.classroom)
        return members.select_related("user").order_by("user__email")

    def export_field(self, field: Any, instance: Member, **kwargs: Any) -> str:
        value = super().export_field(field, instance, **kwargs)
        return escaped(ILLEGAL_CHARACTERS_RE.sub("", str(value or "")))

    # --- In ---

    def import_rows(self, rows: Sequence[RosterRow], *, dry_run: bool) -> Outcome:
        """Check all rows, and write what they say unless it is a dry run or one has an error.

        The caller holds the transaction: an error in any row must undo them all.
        """
        self.people = People(self.classroom, (_address(row) for row in rows))
        self.outcome = Outcome(rows=len(rows))
        self._first: dict[str, int] = {}
        entries = [RosterRow(r.row, _address(r), r.name, r.role.lower(), r.extra) for r in rows]
        dataset = Dataset(*[(entry,) for entry in entries], headers=["entry"])
        # Not `import_data`: its dry run writes, and takes it back.
        result = self.import_data_inner(
            dataset,
            dry_run=dry_run,
            raise_errors=False,
            using_transactions=False,
            collect_failed_rows=False,
        )
        for failure in (*result.base_errors, *(e for row in result.error_rows for e in row.errors)):
            raise failure.error
        return self.outcome

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        entry: RosterRow = row["entry"]
        try:
            self._check(entry)
        except ValidationError as error:
            for name, details in error.message_dict.items():
                self.outcome.failed(entry.row, name, " ".join(details))
            raise
        finally:
            done = kwargs["row_number"]
            if self.on_progress and (done % limits.ROSTER_BATCH == 0 or done == self.outcome.rows):
                self.on_progress(done, self.outcome.rows)

    def _check(self, entry: RosterRow) -> None:
        """ValidationError (by column) for a row that can't be carried out."""
        errors: dict[str, str] = {}
        user = self.people.users.get(entry.email)
        if entry.extra:
            errors["row"] = f"The row has more cells than the header: {entry.extra}"
        if user is None and (problem := address_problem(entry.email, self.people)):
            errors["email"] = problem
        elif entry.email in self._first:
            errors["email"] = f"This address is in row {self._first[entry.email]} already."
        elif user is not None and not user.is_active and not self._changes_nothing(entry, user):
            errors["email"] = "The account of this address is disabled."
        self._first.setdefault(entry.email, entry.row)
        if user is None and (problem := name_problem(entry.name)):
            errors["name"] = problem
        if problem := self._role_problem(entry, user):
            errors["role"] = problem
        if errors:
            raise ValidationError(errors)

    def _role_problem(self, entry: RosterRow, user: User | None) -> str | None:
        if self._changes_nothing(entry, user):
            return None
        was = self.people.members.get(user.pk) if user else None
        role = entry.role or (was.role if was else MemberRole.STUDENT)
        if role not in MemberRole.values:
            return f"Not a role: {entry.role[:50]}. One of {', '.join(MemberRole.values)}."
        return role_refusal(self.actor, user or User(), role, was.role if was else None)

    def _changes_nothing(self, entry: RosterRow, user: User | None) -> bool:
        """Whether the row is skipped, or says what is so already."""
        if user is None:
            return False
        was = self.people.members.get(user.pk)
        return user.pk == self.classroom.teacher_id or (
            was is not None and entry.role in ("", was.role)
        )

    def init_instance(self, row: Any = None) -> Member:
        entry: RosterRow = row["entry"]
        user = self.people.users.get(entry.email)
        name = " ".join(entry.name.split())
        return Member(classroom=self.classroom, user=user or account_new(entry.email, name))

    def import_instance(self, instance: Member, row: Any, **kwargs: Any) -> None:
        # A role that is left out makes a student of who is new, and changes nobody else's.
        self._was = None if instance._state.adding else instance.role
        instance.role = row["entry"].role or self._was or MemberRole.STUDENT

    def skip_row(
        self, instance: Member, original: Any, row: Any, import_validation_errors: Any = None
    ) -> bool:
        what = self._what(instance)
        self.outcome.does(row["entry"], what, instance.role, self._was)
        return what in ("nothing", "skipped")

    def _what(self, member: Member) -> str:
        if member.user_id == self.classroom.teacher_id:
            return "skipped"
        if member.user._state.adding:
            return "new_account"
        if self._was is None:
            return "claim" if member.user_id in self.people.unconfirmed else "add"
        return "nothing" if self._was == member.role else "change_role"

    def bulk_create(
        self, using_transactions: bool, dry_run: bool, *args: Any, **kwargs: Any
    ) -> Any:
        if not dry_run:
            self._accounts([member.user for member in self.create_instances])
        return super().bulk_create(using_transactions, dry_run, *args, **kwargs)

    def _accounts(self, users: list[User]) -> None:
        """Make the accounts of a batch that are missing, and clean those nobody has confirmed."""
        new = [user for user in users if user._state.adding]
        claimed = [user for user in users if user.pk in self.people.unconfirmed]
        accounts_create(new)
        if claimed:
            accounts_claim(actor=self.actor, users=claimed)
        without_password = {user.pk for user in (*new, *claimed)}
        self.outcome.added_new += without_password
        self.outcome.added_known += [u.pk for u in users if u.pk not in without_password]

    def get_bulk_update_fields(self) -> list[str]:
        return ["role"]

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """Who is in the class now waits no more."""
        if not kwargs.get("dry_run"):
            members = Member.objects.filter(classroom=self.classroom).values("user")
            JoinRequest.objects.filter(classroom=self.classroom, user__in=members).delete()


def _address(row: RosterRow) -> str:
    return address_written(row.email)
