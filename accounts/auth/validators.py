"""Rules for passwords beside Django's."""

from typing import Any

from django.core.exceptions import ValidationError


class NoSurroundingSpaceValidator:
    """A space at either end is lost where passwords are copied, and in some clients."""

    def validate(self, password: str, user: Any = None) -> None:
        if password != password.strip():
            raise ValidationError(
                "The password may not begin or end with a space.", code="surrounding_space"
            )

    def get_help_text(self) -> str:
        return "Your password can't begin or end with a space."
