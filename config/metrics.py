"""`/metrics`: the pools of the process that answers, in Prometheus' text format."""

import os
from collections.abc import Iterator
from secrets import compare_digest

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from config.connections.base import connections_in_use
from config.store_states import required_connections

_LABELS = ("engine", "pool", "process")


class PoolCollector(Collector):
    """Every pool of every engine that this process talks to."""

    def collect(self) -> Iterator[Metric]:
        size = GaugeMetricFamily(
            "lectern_pool_connections",
            "Open connections by what they do.",
            labels=(*_LABELS, "state"),
        )
        limit = GaugeMetricFamily(
            "lectern_pool_limit", "Connections that the pool may open.", labels=_LABELS
        )
        waiting = GaugeMetricFamily(
            "lectern_pool_waiting", "Requests that wait for a connection now.", labels=_LABELS
        )
        waits = CounterMetricFamily(
            "lectern_pool_waits", "Requests that had to wait for a connection.", labels=_LABELS
        )
        seconds = CounterMetricFamily(
            "lectern_pool_wait_seconds", "Seconds waited for connections.", labels=_LABELS
        )
        required_connections()  # they are reported before their first use, too
        for connection in connections_in_use():
            for state in connection.pools():
                labels = [connection.engine, state.pool, str(os.getpid())]
                size.add_metric([*labels, "in_use"], state.in_use)
                size.add_metric([*labels, "idle"], state.size - state.in_use)
                for family, value in (
                    (limit, state.limit),
                    (waiting, state.waiting),
                    (waits, state.waits),
                    (seconds, state.wait_seconds),
                ):
                    if value is not None:
                        family.add_metric(labels, value)
        yield from (size, limit, waiting, waits, seconds)


_registry = CollectorRegistry(auto_describe=False)
_registry.register(PoolCollector())


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For a signed-in admin, or for who has METRICS_TOKEN."""
    if not (_has_token(request) or _is_admin(request)):
        return HttpResponseForbidden("For admins, or with METRICS_TOKEN\n", "text/plain")
    return HttpResponse(generate_latest(_registry), content_type=CONTENT_TYPE_LATEST)


def _is_admin(request: HttpRequest) -> bool:
    user = request.user
    return user.is_authenticated and bool(user.has_perm("config.view_metrics"))


def _has_token(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expected: str = settings.METRICS_TOKEN
    return (
        bool(expected) and scheme == "Bearer" and compare_digest(token.encode(), expected.encode())
    )
