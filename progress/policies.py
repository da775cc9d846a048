"""Who may do what to topics and progress."""

from typing import Any

import rules

from accounts.models import Role, User
from accounts.policies import is_admin
from classrooms.policies import may_teach, owns, teaches
from progress.models import Progress, Topic


@rules.predicate
def anyone(user: User, obj: Any = None) -> bool:
    """Every person of the school."""
    return True


@rules.predicate
def made(user: User, topic: Topic | None = None) -> bool:
    """The teacher who made the topic."""
    if topic is None:
        return may_teach(user)
    return user.role == Role.TEACHER and topic.created_by_id == user.pk


@rules.predicate
def sees_progress(user: User, row: Progress | None = None) -> bool:
    """One's own progress, and that of one's students."""
    if row is None:
        return True
    return Progress.objects.visible_to(user).filter(pk=row.pk).exists()


rules.add_perm("progress.view_topic", anyone)
rules.add_perm("progress.add_topic", may_teach)
rules.add_perm("progress.change_topic", is_admin | made)
rules.add_perm("progress.delete_topic", is_admin)
rules.add_perm("progress.view_questiontopic", is_admin | teaches)
rules.add_perm("progress.add_questiontopic", is_admin | owns)
rules.add_perm("progress.delete_questiontopic", is_admin | owns)
rules.add_perm("progress.view_progress", is_admin | sees_progress)
rules.add_perm("progress.view_masteryevidence", is_admin | may_teach)
