"""Telling people that they are in a class."""

from collections.abc import Sequence
from uuid import UUID

from accounts.models import User
from accounts.notifications import notify_many
from classrooms.models import Classroom


def tell_added(
    *, actor: User | None, classroom: Classroom, user_ids: Sequence[UUID], new: bool = False
) -> None:
    """Mail people, after commit, who has put them into which class; `actor` None is the platform.

    `new` is for those who can't sign in before they have set a password.
    """
    if not user_ids:
        return
    who = f"{actor} has put you into" if actor is not None else "You have been put into"
    text = f"{who} the class {classroom.name}."
    if new:
        text += (
            "\n\nYour account has this address. It has no password yet: choose"
            ' "Forgot your password?" where you sign in, and set one.'
        )
    notify_many(
        user_ids=user_ids, subject=f"You are in {classroom.name}", text=text, link="/accounts/"
    )
