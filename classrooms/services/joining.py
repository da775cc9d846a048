"""Joining a class by its code, and those who wait to be let in."""

import re

from django.core.cache import cache
from django.db import transaction

from accounts.models import User
from accounts.notifications import notify
from accounts.policies import require
from accounts.ratelimit import rate_limit_hit, rate_limit_peek
from classrooms.models import JOIN_CODE_LENGTH, Classroom, JoinRequest, JoinRules, Member
from classrooms.services.common import log, require_open
from config import limits
from config.errors import Conflict, NotFound

_MISSES = {"identity": "all", "endpoint": "join_misses"}
_IGNORED = re.compile(r"[\s\u2010-\u2015\u2212-]+")  # spaces, and hyphens of every kind


def classroom_join(*, user: User, join_code: str) -> Member | JoinRequest:
    """Enter a class as a student, or ask to where that takes approval. Again: no change.

    The code may be typed with spaces, hyphens and in lower case. NotFound (code
    "unknown_join_code") is the one answer for a code that no class has, that is switched off,
    expired, or of an archived class. RateLimitExceeded while everybody together has missed too
    often: many accounts guess no faster than one.
    """
    rate_limit_peek(**_MISSES)
    classroom = _find(join_code)
    rules = None if classroom is None else _rules_of(classroom)
    if classroom is None or rules is None or not rules.open:
        rate_limit_hit(**_MISSES)
        raise NotFound("No class has this code.", code="unknown_join_code")
    if classroom.teacher_id == user.pk:
        raise Conflict("You teach this class.")
    with transaction.atomic():
        member: Member | None = Member.objects.filter(classroom=classroom, user=user).first()
        if member is not None:
            return member
        if rules.requires_approval:
            return _ask(classroom, user)
        return _enter(classroom, user)


@transaction.atomic
def join_request_approve(*, actor: User, join_request: JoinRequest) -> Member:
    """Let in who waits, as a student; they are told. NotFound if the request has gone."""
    request = _locked(join_request)
    require(actor, "classrooms.change_joinrequest", request)
    require_open(request.classroom)
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


def _find(join_code: str) -> Classroom | None:
    code = _IGNORED.sub("", join_code).upper()
    if len(code) != JOIN_CODE_LENGTH:
        return None
    found: Classroom | None = (
        Classroom.objects.select_related("join_rules", "teacher")
        .filter(join_code=code, is_active=True)
        .first()
    )
    return found


def _rules_of(classroom: Classroom) -> JoinRules:
    found: JoinRules | None = getattr(classroom, "join_rules", None)
    return found or JoinRules(classroom=classroom)


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
