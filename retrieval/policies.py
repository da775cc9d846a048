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
# What somebody else finds, how much of everything there is, and what is still to be removed.
rules.add_perm("retrieval.search_as", is_admin)
rules.add_perm("retrieval.view_statistics", is_admin)
rules.add_perm("retrieval.view_vectorremoval", is_admin)
rules.add_perm("retrieval.change_vectorremoval", is_admin)
# Asking is for those in the class: an admin who wants to ask joins it.
rules.add_perm("retrieval.use_chat", belongs)
# What people say of answers is for those who run the class, and nobody changes it.
rules.add_perm("retrieval.view_answerfeedback", is_admin | teaches)
# Web pages belong to the school: everyone searches them, who teaches keeps them.
rules.add_perm("retrieval.view_webpage", may_teach)
rules.add_perm("retrieval.add_webpage", may_teach)
rules.add_perm("retrieval.change_webpage", may_teach)
rules.add_perm("retrieval.delete_webpage", is_admin | added)
