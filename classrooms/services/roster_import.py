"""Importing a roster: all of it in one transaction, or nothing."""

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError

from accounts.models import User
from accounts.policies import require
from classrooms.models import Classroom
from classrooms.rosters.outcome import Outcome
from classrooms.rosters.reading import read_roster
from classrooms.rosters.resource import Progress, RosterResource
from classrooms.services.common import log, require_open
from classrooms.services.telling import tell_added
from config.errors import NotAllowed, NotFound
from config.locks import exclusive

# Somebody may sign up, or join, with an address of the roster while it is imported: then it is
# begun again, and finds them.
_ATTEMPTS = 3


class _Refused(Exception):
    """Takes the transaction back."""


def roster_import_file(
    *,
    classroom: Classroom,
    data: bytes,
    filename: str,
    actor: User | None = None,
    dry_run: bool = False,
    plan: str | None = None,
    on_progress: Progress | None = None,
    on_done: Callable[[Outcome], object] = lambda outcome: None,
) -> Outcome:
    """Check a roster's bytes and, unless it is a dry run or has errors, import all of it.

    Raises InvalidInput or TooLarge for a file that is no roster; the errors of rows are in the
    outcome. `actor` None is the platform itself. With the `plan` of an outcome that somebody has
    seen, nothing is imported that differs from it: the new outcome is `changed`. `on_done` is
    called in the transaction of an import, which fails with it.
    """
    _allowed(actor, classroom)
    rows = read_roster(data, filename)

    def run() -> Outcome:
        # Asked again where it counts: meanwhile another import may have had its turn.
        found, person = _allowed(actor, classroom)
        resource = RosterResource(classroom=found, actor=person, on_progress=on_progress)
        return resource.import_rows(rows, dry_run=dry_run)

    def finish(outcome: Outcome) -> None:
        log(actor, "roster_import", classroom, counts=dict(outcome.counts))
        people: dict[str, Any] = {"actor": actor, "classroom": classroom}
        tell_added(**people, user_ids=outcome.added_new, new=True)
        tell_added(**people, user_ids=outcome.added_known)
        on_done(outcome)

    return run() if dry_run else _all_or_nothing(run, finish, plan)


def _allowed(actor: User | None, classroom: Classroom) -> tuple[Classroom, User | None]:
    """Both as they are now; NotAllowed or Conflict if nothing may be imported any more."""
    found: Classroom | None = Classroom.objects.filter(pk=classroom.pk).first()
    if found is None:
        raise NotFound()
    person = None
    if actor is not None:
        person = User.objects.filter(pk=actor.pk).first()
        if person is None:
            raise NotAllowed()
        require(person, "classrooms.add_rosterimport", found)
    require_open(found)
    return found, person


def _all_or_nothing(
    run: Callable[[], Outcome], finish: Callable[[Outcome], None], plan: str | None
) -> Outcome:
    for attempt in range(1, _ATTEMPTS + 1):
        outcome = None
        try:
            # One import at a time in the school: two with the same new addresses, in another
            # order, would wait for each other.
            with exclusive("roster-import"):
                outcome = run()
                if outcome.counts["errors"]:
                    raise _Refused
                if plan is not None and outcome.plan != plan:
                    outcome.changed = True
                    raise _Refused
                finish(outcome)
        except _Refused:
            pass
        except IntegrityError:
            if attempt == _ATTEMPTS:
                raise
            continue
        assert outcome is not None
        return outcome
    raise AssertionError
