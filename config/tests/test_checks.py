"""A wrong address is a numbered check with a hint, in the process that an operator starts."""

import pytest
from django.core.checks import run_checks

from config import checks
from config.connections.urls import cassandra_address, cassandra_replication, mongodb_database
from config.tests.test_commands import manage


@pytest.mark.parametrize(
    ("name", "value", "number", "says"),
    [
        ("DATABASE_URL", "nonsense", "E001", "postgres://"),
        ("DATABASE_URL", "mysql://u:p@127.0.0.1/x", "E001", "postgres://"),
        ("DATABASE_URL", "postgres://u:p@127.0.0.1:x/y", "E001", "HOST:PORT"),
        ("DATABASE_URL", "postgres://u:p@127.0.0.1", "E001", "name of the database"),
        ("REDIS_URL", "http://127.0.0.1", "E002", "redis://"),
        ("REDIS_URL", "redis://127.0.0.1/zero", "E002", "number"),
        ("MONGODB_URL", "mongo://127.0.0.1", "E003", "mongodb://"),
        ("MONGODB_URL", "mongodb://127.0.0.1/a$b", "E003", "name of a database"),
        ("MONGODB_URL", "mongodb://127.0.0.1/x?tls=maybe", "E003", "tls"),
        ("MONGODB_URL", "mongodb://127.0.0.1/x?tls=true&tlsCAFile=/nowhere", "E003", "tlsCAFile"),
        ("QDRANT_URL", "127.0.0.1:6333", "E004", "http://"),
        ("QDRANT_URL", "https://:hunter2@127.0.0.1:6333", "E004", "QDRANT_API_KEY"),
        ("CASSANDRA_URL", "cassandra://", "E005", "host is missing"),
        ("CASSANDRA_URL", "cassandra://127.0.0.1/a-b", "E005", "keyspace"),
        ("CASSANDRA_URL", "cassandra://127.0.0.1?datacentre=x", "E005", "its options are"),
        ("CASSANDRA_URL", "cassandra://127.0.0.1/?ca=/nowhere.pem", "E005", "file"),
        ("CASSANDRA_URL", "cassandra://u:1/hunter2@127.0.0.1/x", "E005", "%2F"),
        ("CASSANDRA_URL", "cassandra://u:1?hunter2@127.0.0.1/x", "E005", "%3F"),
        ("MONGODB_URL", "mongodb://u:1/hunter2@127.0.0.1/x", "E003", "%2F"),
        ("MONGODB_URL", "mongodb://u:hunter2\u2100@127.0.0.1/x", "E003", "can't be read"),
        ("DATABASE_URL", "postgres://u:1/hunter2@127.0.0.1/x", "E001", "%2F"),
        ("REDIS_URL", "redis://:1#hunter2@127.0.0.1/0", "E002", "%23"),
        ("CASSANDRA_URL", "cassandra://127.0.0.1:99999", "E005", "no port"),
        ("SEARCH_LANGUAGE", "klingon", "E015", "klingon"),
    ],
)
def test_a_wrong_url_is_a_numbered_check(
    name: str, value: str, number: str, says: str, settings
) -> None:
    setattr(settings, name, value)
    [found] = run_checks(tags=[checks.TAG])
    assert found.id == f"lectern.{number}"
    assert found.msg.startswith(f"{name} is wrong: ")
    assert says in found.msg
    assert found.hint.startswith("Set it to ")
    assert "hunter2" not in str(found)


@pytest.mark.parametrize("command", ["migrate", "prepare_stores", "check_stores"])
def test_commands_stop_at_the_check(command: str) -> None:
    result = manage(command, MONGODB_URL="mongo://127.0.0.1", DATABASE_URL="nonsense")
    assert result.returncode == 1
    assert "lectern.E001" in result.stderr and "lectern.E003" in result.stderr
    assert "Traceback" not in result.stderr


def test_the_web_process_does_not_start_with_a_wrong_url() -> None:
    result = manage("shell", "-v0", "-c", "import config.wsgi", CASSANDRA_URL="cassandra://")
    assert result.returncode == 1
    assert "lectern.E005" in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("CASSANDRA_REPLICATION", "none", "E006"),
        ("CASSANDRA_REPLICATION", "dc1:0", "E006"),
        ("CASSANDRA_CONSISTENCY", "MOST", "E007"),
        ("EVENT_SHARDS", "0", "E008"),
        ("EVENT_SHARDS", "many", "E008"),
    ],
)
def test_how_cassandra_keeps_its_rows(name: str, value: str, number: str, settings) -> None:
    setattr(settings, name, value)
    settings.CASSANDRA_URL = ""
    assert run_checks(tags=[checks.TAG]) == []
    settings.CASSANDRA_URL = "cassandra://127.0.0.1"
    assert [found.id for found in run_checks(tags=[checks.TAG])] == [f"lectern.{number}"]


def test_an_engine_whose_code_is_not_there(settings) -> None:
    settings.STORES = {"events": {"BACKEND": "no.such.driver.Engine"}}
    [found] = run_checks(tags=[checks.TAG])
    assert found.id == "lectern.E009"
    assert "no" in found.msg and "pip install" in found.hint


def test_a_cassandra_address_is_read_whole() -> None:
    found = cassandra_address(
        "cassandra://us%40er:p%2Fw@one:9043,two,[::1]:9044/school?datacenter=dc1&tls=true&protocol=5"
    )
    assert found.hosts == (("one", 9043), ("two", 9042), ("::1", 9044))
    assert (found.username, found.password, found.keyspace) == ("us@er", "p/w", "school")
    assert (found.datacenter, found.tls, found.protocol) == ("dc1", True, 5)
    assert "p/w" not in str(found)
    bare = cassandra_address("cassandra://one")
    assert (bare.keyspace, bare.tls, bare.protocol, bare.username) == ("analytics", False, 4, "")


def test_replication() -> None:
    assert cassandra_replication("3") == {"class": "SimpleStrategy", "replication_factor": "3"}
    assert cassandra_replication("3", "dc1") == {"class": "NetworkTopologyStrategy", "dc1": "3"}
    assert cassandra_replication("dc1:3, dc2:2") == {
        "class": "NetworkTopologyStrategy",
        "dc1": "3",
        "dc2": "2",
    }


def test_the_name_of_a_mongodb_database() -> None:
    assert mongodb_database("mongodb://u:p@one,two:27018/school?w=1") == "school"
    assert mongodb_database("mongodb://one") == "lectern"
    assert mongodb_database("mongodb+srv://cluster.school.test") == "lectern"
