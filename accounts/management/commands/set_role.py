"""`manage.py set_role EMAIL ROLE`: the way to an admin where there is none."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts import services


class Command(BaseCommand):
    """Give the account of an address a role."""

    help = "Give the account of an address the role student, teacher or admin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("role")

    def handle(self, *args: Any, **options: Any) -> None:
        user = services.user_role_set(actor=None, email=options["email"], role=options["role"])
        self.stdout.write(f"{user.email} is {user.role} now.")
