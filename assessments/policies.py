"""Who may do what with assessments.

Assistants see and grade; only those who own the class write, publish and release. Students
take what is published; what they may see of it is decided by `assessments.selectors`.
"""

from typing import Any

import rules

from accounts.models import User
from accounts.policies import is_admin
from assessments.models import Assessment, Attempt, Submission
from classrooms.policies import belongs, owns, teaches


@rules.predicate
def takes_part(user: User, obj: Any = None) -> bool:
    """A member of the class who does not run it."""
    return obj is None or (belongs.test(user, obj) and not teaches.test(user, obj))


@rules.predicate
def is_published(user: User, assessment: Assessment | None = None) -> bool:
    """Students may know of it."""
    return assessment is None or assessment.state.published_at is not None


@rules.predicate
def is_own(user: User, obj: Attempt | Submission | None = None) -> bool:
    """The user's own work."""
    return obj is None or obj.user_id == user.pk


rules.add_perm("assessments.view_assessment", is_admin | teaches | (belongs & is_published))
rules.add_perm("assessments.take_assessment", takes_part & is_published)
for _action in ("add", "change", "delete"):
    rules.add_perm(f"assessments.{_action}_assessment", is_admin | owns)
    rules.add_perm(f"assessments.{_action}_question", is_admin | owns)
rules.add_perm("assessments.view_question", is_admin | teaches)
rules.add_perm("assessments.view_attempt", is_admin | teaches | (is_own & belongs))
rules.add_perm("assessments.change_attempt", is_own & takes_part)
rules.add_perm("assessments.view_submission", is_admin | teaches | (is_own & belongs))
rules.add_perm("assessments.change_submission", is_admin | teaches)
rules.add_perm("assessments.view_questiongrade", is_admin | teaches)
rules.add_perm("assessments.change_questiongrade", is_admin | teaches)
rules.add_perm("assessments.view_proctorsession", is_admin | teaches)
rules.add_perm("assessments.view_proctorsnapshot", is_admin | teaches)
rules.add_perm("assessments.view_proctoringreportrow", is_admin | teaches)
