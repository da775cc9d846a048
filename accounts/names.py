"""What may be in a person's name: one rule for sign-up, the API, the admin and rosters."""

import unicodedata

from django.core.exceptions import ValidationError

# Controls (line breaks and tabs are some), line and paragraph separators, halves of characters.
# Not all that is invisible: Persian and Indian names need joiners.
_REFUSED = ("Cc", "Zl", "Zp", "Cs")
# What turns the direction of all that follows on the page.
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def validate_name(name: str) -> None:
    """ValidationError for a name with line breaks or other characters that control a text."""
    if any(unicodedata.category(c) in _REFUSED or c in _DIRECTIONS for c in name):
        raise ValidationError("The name has characters that can't be shown.", code="name")
