"""`manage.py remove_second_factors EMAIL`: for somebody who has lost theirs."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts import services


class Command(BaseCommand):
    """Remove all second factors of an account; its owner is told by mail."""

    help = "Remove the second factors of an account, so that its password alone signs in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = services.user_by_address(email=options["email"])
        removed = services.second_factors_remove(actor=None, user=user)
        self.stdout.write(f"{removed} of {user.email} removed.")
