"""`manage.py createsuperuser`: Django's, which looks at a password only where it asks for one."""

import os
from typing import Any

from django.contrib.auth.management.commands.createsuperuser import Command as DjangoCommand
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from config.errors import InvalidInput


class Command(DjangoCommand):
    """With --noinput the password of the environment obeys the rules, too."""

    def handle(self, *args: Any, **options: Any) -> Any:
        password = os.environ.get("DJANGO_SUPERUSER_PASSWORD")
        if not options["interactive"] and password is not None:
            email = options.get("email") or os.environ.get("DJANGO_SUPERUSER_EMAIL") or ""
            user: Any = self.UserModel()
            user.email = email
            try:
                validate_password(password, user)
            except ValidationError as error:
                raise InvalidInput(
                    f"DJANGO_SUPERUSER_PASSWORD: {' '.join(error.messages)}"
                ) from None
        return super().handle(*args, **options)
