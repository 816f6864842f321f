"""The route of measurements, for Prometheus: what the use cases count, and how requests were answered.

Labels have few values: kinds, states, outcomes, routes as the table has them. No chain, run, agent or person is one.
"""

import time
from collections.abc import Iterable, Iterator
from math import inf
from typing import Final

from aiohttp import web
from aiohttp.hdrs import METH_ALL
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from chainwright.daemon.core.access import Permission
from chainwright.daemon.web.port import Distribution, Measure
from chainwright.daemon.web.route import Call, Route

MEDIA: Final = "text/plain; version=0.0.4; charset=utf-8"

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0)
_FAMILIES: Final = {"gauge": GaugeMetricFamily, "counter": CounterMetricFamily}


class Requests:
    """Counts and times the requests of a process, whichever application answers them."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._count = Counter("chainwright_http_requests", "Requests answered", labels, registry=self._registry)
        self._seconds = Histogram(
            "chainwright_http_request_seconds",
            "Time until the answer was made, streams and terminals left out",
            ("route",),
            buckets=_BUCKETS,
            registry=self._registry,
        )

    def middleware(self) -> Middleware:
        """Goes around everything else."""

        @web.middleware
        async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
            began = time.perf_counter()
            response = await handler(request)
            resource = request.match_info.route.resource
            route = resource.canonical if resource is not None else "none"
            method = request.method if request.method in METH_ALL else "other"  # anybody may send any word
            self._count.labels(method, route, str(response.status)).inc()
            if isinstance(response, web.Response):
                self._seconds.labels(route).observe(time.perf_counter() - began)
            return response

        return measure

    def text(self, measures: Iterable[Measure | Distribution]) -> bytes:
        """Everything that is measured, as Prometheus reads it."""
        others = CollectorRegistry()
        # The library says what a collector is only in its documentation, and some of its versions give `register` no types.
        others.register(_Once(measures))  # type: ignore[no-untyped-call, unused-ignore]
        return generate_latest(self._registry) + generate_latest(others)


class _Once:
    """Measures of this moment."""

    def __init__(self, measures: Iterable[Measure | Distribution]) -> None:
        self._measures = measures

    def collect(self) -> Iterator[Metric]:
        """A family for each."""
        for measure in self._measures:
            if isinstance(measure, Distribution):
                yield _spread(measure)
                continue
            family = _FAMILIES[measure.kind](f"chainwright_{measure.name}", measure.help, labels=measure.labels)
            for values, number in measure.values.items():
                family.add_metric(list(values), number)
            yield family


def _spread(found: Distribution) -> Metric:
    buckets = [("+Inf" if bound == inf else repr(bound), float(count)) for bound, count in found.within.items()]
    family = HistogramMetricFamily(f"chainwright_{found.name}", found.help)
    family.add_metric([], buckets=buckets, sum_value=found.total)
    return family


REQUESTS: Final = web.AppKey("REQUESTS", Requests)
"""Under this key an application carries them."""


async def _metrics(call: Call) -> web.Response:
    text = call.request.app[REQUESTS].text(call.use_cases.measures(call.actor))
    return web.Response(body=text, headers={"Content-Type": MEDIA})


ROUTES: Final = (
    Route(
        method="GET",
        path="/metrics",
        handler=_metrics,
        permission=Permission.VIEW,
        does="Measurements, as Prometheus reads them.",
        media="text/plain",
    ),
)
