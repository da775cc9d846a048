"""Joining a class by its code, and those who wait to be let in."""

import re

from django.core.cache import cache
from django.db import transaction

from accounts.models import User
from accounts.notifications import notify
from accounts.policies import require
from classrooms.models import JOIN_CODE_LENGTH, Classroom, JoinRequest, JoinRules, Member
from classrooms.services.common import log, require_active, require_open
from classrooms.services.guessing import guessing_check, guessing_missed
from config import limits
from config.errors import Conflict, NotFound

_IGNORED = re.compile(r"[\s\u2010-\u2015\u2212-]+")  # spaces, and hyphens of every kind


def classroom_join(
    *, user: User, join_code: str, address: str | None = None
) -> Member | JoinRequest:
    """Enter a class as a student, or ask to where that takes approval. Again: no change.

    The code may be typed with spaces, hyphens and in lower case. NotFound (code
    "unknown_join_code") is the one answer for a code that no class has, that is switched off,
    expired, or of an archived class. RateLimitExceeded for those who guess (see `guessing`);
    `address` is where the caller is (`accounts.ratelimit.caller_identity`).
    """
    guessing_check(user=user, address=address)
    entered = _join(user, _IGNORED.sub("", join_code).upper())
    if entered is None:
        guessing_missed(user=user, address=address)
        raise NotFound("No class has this code.", code="unknown_join_code")
    return entered


@transaction.atomic
def join_request_approve(*, actor: User, join_request: JoinRequest) -> Member:
    """Let in who waits, as a student; they are told. NotFound if the request has gone."""
    request = _locked(join_request)
    require(actor, "classrooms.change_joinrequest", request)
    require_open(request.classroom)
    require_active(request.user)
    member, created = Member.objects.get_or_create(classroom=request.classroom, user=request.user)
    request.delete()
    if created:
        log(
            actor,
            "join_request_approve",
            request.classroom,
            user_id=str(request.user_id),
        )
        notify(
            user=request.user,
            subject=f"You are in {request.classroom.name}",
            text=f"You asked to join {request.classroom.name}, and now you are a member.",
        )
    found: Member = member
    return found


@transaction.atomic
def join_request_delete(*, actor: User, join_request: JoinRequest) -> None:
    """Reject someone who waits; or one's own request: withdraw it."""
    request = _locked(join_request)
    if request.user_id != actor.pk:
        require(actor, "classrooms.delete_joinrequest", request)
    log(
        actor,
        "join_request_withdraw" if request.user_id == actor.pk else "join_request_reject",
        request.classroom,
        user_id=str(request.user_id),
    )
    request.delete()


@transaction.atomic
def _join(user: User, code: str) -> Member | JoinRequest | None:
    """Enter, or ask to; None if the code lets nobody in.

    The class is locked: whoever archives it, changes its code or its rules locks it too, so that
    nobody slips in by what was true a moment ago.
    """
    if len(code) != JOIN_CODE_LENGTH:
        return None
    classroom: Classroom | None = (
        Classroom.objects.select_for_update(of=("self",), no_key=True)
        .select_related("teacher")
        .filter(join_code=code, is_active=True)
        .first()
    )
    if classroom is None:
        return None
    rules = JoinRules.objects.filter(classroom=classroom).first() or JoinRules(classroom=classroom)
    if not rules.open:
        return None
    if classroom.teacher_id == user.pk:
        raise Conflict("You teach this class.")
    member: Member | None = Member.objects.filter(classroom=classroom, user=user).first()
    if member is not None:
        return member
    return _ask(classroom, user) if rules.requires_approval else _enter(classroom, user)


def _enter(classroom: Classroom, user: User) -> Member:
    member, created = Member.objects.get_or_create(classroom=classroom, user=user)
    JoinRequest.objects.filter(classroom=classroom, user=user).delete()
    if created:
        log(user, "classroom_join", classroom)
    found: Member = member
    return found


def _ask(classroom: Classroom, user: User) -> JoinRequest:
    request, created = JoinRequest.objects.get_or_create(classroom=classroom, user=user)
    if created:
        log(user, "join_request_create", classroom)
        transaction.on_commit(lambda: _tell_teacher(classroom), robust=True)
    found: JoinRequest = request
    return found


def _tell_teacher(classroom: Classroom) -> None:
    """Mail the teacher once in a while: a class of thirty asks within a minute."""
    if cache.add(f"join-requests-told:{classroom.pk}", 1, timeout=limits.JOIN_REQUEST_MAIL_EVERY):
        notify(
            user=classroom.teacher,
            subject=f"Someone asks to join {classroom.name}",
            text=f"People wait to be let into {classroom.name}.",
            link="/admin/classrooms/joinrequest/",
        )


def _locked(join_request: JoinRequest) -> JoinRequest:
    found: JoinRequest | None = (
        JoinRequest.objects.select_for_update(of=("self",))
        .select_related("classroom", "user")
        .filter(pk=join_request.pk)
        .first()
    )
    if found is None:
        raise NotFound("This request has been answered or withdrawn.")
    return found
