"""What can be done to classes, their members, how they are joined, and their rosters."""

from classrooms.services.classroom import (
    classroom_create,
    classroom_delete,
    classroom_update,
)
from classrooms.services.codes import JOIN_CODE_ALPHABET, join_code_regenerate, join_rules_update
from classrooms.services.common import require_open
from classrooms.services.joining import (
    classroom_join,
    join_request_approve,
    join_request_delete,
)
from classrooms.services.member import (
    member_add,
    member_add_by_email,
    member_remove,
    member_update,
)
from classrooms.services.roster import roster_cancel, roster_confirm, roster_upload
from classrooms.services.roster_import import roster_import_file
from classrooms.services.roster_work import roster_import_work, roster_imports_sweep

__all__ = [
    "JOIN_CODE_ALPHABET",
    "classroom_create",
    "classroom_delete",
    "classroom_join",
    "classroom_update",
    "join_code_regenerate",
    "join_request_approve",
    "join_request_delete",
    "join_rules_update",
    "member_add",
    "member_add_by_email",
    "member_remove",
    "member_update",
    "require_open",
    "roster_cancel",
    "roster_confirm",
    "roster_import_file",
    "roster_import_work",
    "roster_imports_sweep",
    "roster_upload",
]
