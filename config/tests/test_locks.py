"""Locks that hold over all connections of the database."""

from threading import Thread

import pytest
from django.db import connection, transaction

from config.locks import exclusive, hold, if_free

pytestmark = pytest.mark.django_db(transaction=True)


def elsewhere(name: str) -> bool:
    """Whether the name is free for another connection, which then lets go of it."""
    found = []

    def ask() -> None:
        try:
            with if_free(name) as mine:
                found.append(mine)
        finally:
            connection.close()

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    return found[0]


def test_a_name_is_free_for_one_at_a_time() -> None:
    with if_free("a roof") as mine:
        assert mine
        assert not elsewhere("a roof")
        assert elsewhere("another roof")
    assert elsewhere("a roof")


def test_a_name_is_free_again_after_an_error() -> None:
    with pytest.raises(RuntimeError), if_free("a roof"):
        raise RuntimeError
    assert elsewhere("a roof")


def test_a_transaction_keeps_a_name_to_its_end() -> None:
    with exclusive("a ladder"):
        assert not elsewhere("a ladder")
    assert elsewhere("a ladder")
    with transaction.atomic():
        hold("a ladder")
        assert not elsewhere("a ladder")
    assert elsewhere("a ladder")
