"""Whose analytics a person may see."""

from typing import cast
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import Role, User
from config.errors import NotFound

# The roles of members that run a class. The app of classrooms stands above this one: its
# relations are known here by name only, as in `accounts.models`.
_TEACHING = ("teacher", "assistant")
_ASSISTING = ("assistant",)  # what is left to who is no teacher of the school any more


def people_visible_to(caller: User) -> QuerySet[User]:
    """For an admin everyone; else the caller and the students of the classes they run.

    Narrower than `User.objects.visible_to`: sharing a class, or putting a colleague into
    one's own, opens nobody's log.
    """
    if caller.role == Role.ADMIN:
        return cast(QuerySet[User], User.objects.all())
    mine = Q(
        memberships__classroom__members__user=caller,
        memberships__classroom__members__role__in=_TEACHING if caller.is_staff else _ASSISTING,
    )
    if caller.is_staff:
        mine |= Q(memberships__classroom__teacher=caller)
    learners = User.objects.filter(
        mine,
        memberships__role="student",
        role=Role.STUDENT,
    )
    people = User.objects.filter(Q(pk=caller.pk) | Q(pk__in=learners.values("pk")))
    return cast(QuerySet[User], people)


def visible_user_ids(caller: User, user: UUID | None = None) -> set[UUID] | None:
    """The ids of those people, or None for "everyone"; only `user`'s, if that is given."""
    if caller.role == Role.ADMIN:
        return None if user is None else {user}
    people = people_visible_to(caller)
    if user is not None:
        people = people.filter(pk=user)
    return set(people.values_list("pk", flat=True))


def visible_person(caller: User, user: UUID | None) -> User:
    """The person with this id, the caller without one; NotFound if the caller may not see."""
    if user is None or user == caller.pk:
        return caller
    found = people_visible_to(caller).filter(pk=user).first()
    if found is None:
        raise NotFound("No such person, or none whose data you may see.")
    return found
