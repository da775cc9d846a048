"""A contract test that leaves an engine out."""

import pytest

from meetings.stores.base import TranscriptStore
from tests.contracts import ENGINES, contract_fixture

store = contract_fixture("transcripts")


@pytest.mark.parametrize("store", [ENGINES["transcripts"][0]], indirect=True)
def test_on_one_engine(store: TranscriptStore) -> None:
    assert store
