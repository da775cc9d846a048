"""Who may do what with a class's material."""

from typing import Any

import rules

from accounts.models import User
from accounts.policies import is_admin
from classrooms.policies import belongs, may_teach, teaches


@rules.predicate
def added(user: User, obj: Any = None) -> bool:
    """Who has brought it, as long as they teach."""
    return bool(may_teach(user)) and (obj is None or obj.added_by_id == user.pk)


rules.add_perm("retrieval.view_document", is_admin | belongs)
rules.add_perm("retrieval.add_document", is_admin | teaches)
rules.add_perm("retrieval.change_document", is_admin | teaches)
rules.add_perm("retrieval.delete_document", is_admin | teaches)
# Asking is for those in the class: an admin who wants to ask joins it.
rules.add_perm("retrieval.use_chat", belongs)
# Web pages belong to the school: everyone searches them, who teaches keeps them.
rules.add_perm("retrieval.view_webpage", may_teach)
rules.add_perm("retrieval.add_webpage", may_teach)
rules.add_perm("retrieval.change_webpage", may_teach)
rules.add_perm("retrieval.delete_webpage", is_admin | added)
