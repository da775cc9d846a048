"""Health checks: `live` touches no store, `ready` needs PostgreSQL and Redis."""

from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django_redis import get_redis_connection
from redis.exceptions import RedisError


@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when the stores that every request needs answer, 503 otherwise."""
    found = {name: check() for name, check in _CHECKS.items()}
    ok = all(state == "ok" for state in found.values())
    return JsonResponse(
        {"status": "ok" if ok else "unavailable", "stores": found}, status=200 if ok else 503
    )


def _postgresql() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return "unavailable"
    return "ok"


def _redis() -> str:
    try:
        get_redis_connection("default").ping()
    except RedisError:
        return "unavailable"
    return "ok"


_CHECKS: dict[str, Callable[[], str]] = {"postgresql": _postgresql, "redis": _redis}
