"""Who may do what in a class. The predicates here serve every app that belongs to a class.

They take any object with a `classroom`; without an object they answer whether the person
may do it in some class.
"""

from typing import Any

import rules

from accounts.models import Role, User
from accounts.policies import is_admin
from classrooms.models import Classroom, Member, MemberRole


@rules.predicate
def teaches(user: User, obj: Any = None) -> bool:
    """The class's teacher, or a member who teaches beside them."""
    roles = MemberRole.teaching_of(user)
    if obj is None:
        return user.is_staff or Member.objects.filter(user=user, role__in=roles).exists()
    return _runs(user, obj.classroom) or _member_role(user, obj.classroom) in roles


@rules.predicate
def owns(user: User, obj: Any = None) -> bool:
    """The class's teacher, or a co-teacher: not an assistant, and nobody who teaches no more."""
    if obj is None or not user.is_staff:
        return user.is_staff
    return _runs(user, obj.classroom) or (_member_role(user, obj.classroom) == MemberRole.TEACHER)


@rules.predicate
def belongs(user: User, obj: Any = None) -> bool:
    """Anyone in the class."""
    if obj is None:
        return True
    return _is_teacher(user, obj.classroom) or _member_role(user, obj.classroom) is not None


@rules.predicate
def may_teach(user: User) -> bool:
    """People whom the school lets run classes."""
    return user.role in (Role.TEACHER, Role.ADMIN)


@rules.predicate
def waits(user: User, obj: Any = None) -> bool:
    """Who asked to be let in, of their own request."""
    return obj is not None and obj.user_id == user.pk


def role_refusal(actor: User | None, user: User, role: str, was: str | None) -> str | None:
    """Why `user`, who is `was` in a class (None: no member), can't be given `role` in it.

    None if they can. The one rule for the API, the admin and rosters; `actor` None is the
    platform itself.
    """
    if role not in MemberRole.values:
        return f"Not a role: {role}."
    if role == MemberRole.TEACHER and not user.is_staff:
        return "Only a teacher of the school can be a co-teacher."
    rank = MemberRole.values.index
    if actor is not None and actor.pk == user.pk and was is not None and rank(role) > rank(was):
        return "Nobody gives themselves a higher role."
    return None


def _is_teacher(user: User, classroom: Classroom) -> bool:
    return classroom.teacher_id == user.pk


def _runs(user: User, classroom: Classroom) -> bool:
    return user.is_staff and _is_teacher(user, classroom)


def _member_role(user: User, classroom: Classroom) -> str | None:
    return (
        Member.objects.filter(classroom=classroom, user=user).values_list("role", flat=True).first()
    )


rules.add_perm("classrooms.view_classroom", is_admin | belongs)
rules.add_perm("classrooms.add_classroom", may_teach)
rules.add_perm("classrooms.change_classroom", is_admin | owns)
rules.add_perm("classrooms.delete_classroom", is_admin)
rules.add_perm("classrooms.change_teacher", is_admin)
# The code lets people in, so only those who run the class see it.
rules.add_perm("classrooms.view_join_code", is_admin | teaches)
rules.add_perm("classrooms.view_member", is_admin | belongs)
rules.add_perm("classrooms.add_member", is_admin | owns)
rules.add_perm("classrooms.change_member", is_admin | owns)
rules.add_perm("classrooms.delete_member", is_admin | owns)
rules.add_perm("classrooms.view_joinrules", is_admin | owns)
rules.add_perm("classrooms.add_joinrules", is_admin | owns)
rules.add_perm("classrooms.change_joinrules", is_admin | owns)
rules.add_perm("classrooms.view_joinrequest", is_admin | teaches | waits)
rules.add_perm("classrooms.change_joinrequest", is_admin | owns)
rules.add_perm("classrooms.delete_joinrequest", is_admin | owns)
# A roster has everybody's address, which an assistant, who may be a student, does not see.
rules.add_perm("classrooms.export_roster", is_admin | owns)
rules.add_perm("classrooms.view_rosterimport", is_admin | owns)
rules.add_perm("classrooms.add_rosterimport", is_admin | owns)
rules.add_perm("classrooms.change_rosterimport", is_admin | owns)
rules.add_perm("classrooms.delete_rosterimport", is_admin | owns)
