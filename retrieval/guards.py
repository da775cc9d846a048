"""Who may not search or read now.

An app beside this one (an examination under way, say) can forbid a user to search, to chat and
to read the material's text. Neither imports the other: `config/apps.py` puts them together.
"""

from collections.abc import Callable

from accounts.models import User
from config.errors import NotAllowed

SearchLock = Callable[[User], bool]
_locks: list[SearchLock] = []


def register_search_lock(is_locked: SearchLock) -> None:
    """Ask `is_locked(user)` before each search, question in chat and text of material."""
    if is_locked not in _locks:
        _locks.append(is_locked)


def require_unlocked(user: User) -> None:
    """Raise NotAllowed (code "search_locked") while any lock holds."""
    if any(is_locked(user) for is_locked in _locks):
        raise NotAllowed(
            "The material is locked until your attempt has ended.", code="search_locked"
        )
