"""Every test of meetings has a storage of its own."""

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> None:
    """Keep files in the test's own folder."""
    default = settings.STORAGES["default"]
    options = {**default["OPTIONS"], "location": tmp_path}
    settings.STORAGES = {**settings.STORAGES, "default": {**default, "OPTIONS": options}}
