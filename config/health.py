"""Health checks: `live` touches no store, `ready` needs PostgreSQL and Redis."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from config.store_states import answering, optional_connections, required_connections


@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when the engines that every request needs answer, 503 otherwise.

    The other engines are named too: without one of them its part of the platform is away, and
    the status is "degraded", but the rest works.
    """
    required = required_connections()
    optional, wrong = optional_connections()
    found = answering([*required, *optional]) | dict.fromkeys(wrong, False)
    ok = all(found[connection.engine] for connection in required)
    status = "unavailable" if not ok else "ok" if all(found.values()) else "degraded"
    states = {engine: "ok" if up else "unavailable" for engine, up in found.items()}
    return JsonResponse({"status": status, "stores": states}, status=200 if ok else 503)
