"""What the test run itself gets from the embedded engines."""

import os

from django.conf import settings
from django_redis import get_redis_connection

from config.embedded.testing import worker_environ


def test_each_worker_has_its_own_redis_database() -> None:
    environ = {"REDIS_URL": "redis://:secret@127.0.0.1:6379/0", "LECTERN_VAR": "/tmp/files"}

    assert worker_environ(environ, "gw2") == {
        "REDIS_URL": "redis://:secret@127.0.0.1:6379/3",
        "LECTERN_VAR": "/tmp/files/gw2",
    }


def test_settings_lead_to_the_test_engines() -> None:
    get_redis_connection("default").set("seen", "here")

    assert settings.DATABASES["default"]["PORT"] == int(os.environ["DATABASE_URL"][-13:-8])
    assert get_redis_connection("default").get("seen") == b"here"
