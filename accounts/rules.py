"""What a person's name and address may be: one rule for sign-up, the API, the admin and rosters."""

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


def address_written(text: str) -> str:
    """An address as the database has it: without spaces around it, and in lower case.

    One with letters beyond ASCII stays as it is, and so is nobody's: the Kelvin sign, for one,
    is a "k" in lower case, and would make a stranger's address somebody's.
    """
    text = text.strip()
    return text.lower() if text.isascii() else text


def validate_address(address: str) -> None:
    """ValidationError for an address that looks like one and is none here.

    Of letters beyond ASCII the database and Python may not agree what is lower case; and a mail
    to `@[127.0.0.1]` goes past everything that names of hosts decide.
    """
    if not address.isascii():
        raise ValidationError("An address may have letters of ASCII only.", code="invalid")
    if address.endswith("]"):
        raise ValidationError("An address has the name of a host after its @.", code="invalid")
