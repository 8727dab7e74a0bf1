"""Whether the bot does its work, for the platform that runs it and for whoever is woken at night."""

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

if TYPE_CHECKING:
    from handlers.arrivals import Announcer
    from handlers.doors import Sockets

#: Seconds without an answer from the queue after which the bot is not healthy.
QUEUE_SILENCE = 60

#: Seconds, as the upper bounds of a histogram: Slack waits for three, a follow-up may for minutes.
_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 1800)


class Metrics:
    """What the bot counts, in Prometheus' terms."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._acts = Counter(
            "upload_link_acts",
            "What was done with links, as the audit log has it",
            ["act"],
            registry=self.registry,
        )
        self.answering = Histogram(
            "upload_link_slack_request_seconds",
            "From a command, click or event of Slack's to the end of its handling",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.announcing = Histogram(
            "upload_link_announcing_seconds",
            "From an event's arrival in the queue to the end of its handling",
            buckets=_BUCKETS,
            registry=self.registry,
        )

    def act(self, what: str) -> None:
        """Count an act."""
        self._acts.labels(what).inc()


class Health:
    """What is asked about a running bot. `sockets` is None where Slack comes by HTTP."""

    def __init__(self, announcer: "Announcer", sockets: "Sockets | None", metrics: Metrics) -> None:
        self._announcer = announcer
        self._sockets = sockets
        self._metrics = metrics
        gauges = {
            "slack_connections": "Sockets to Slack that have answered lately",
            "queue_silence_seconds": "Since the queue last answered, or what is in hand went on",
            "oldest_unannounced_seconds": "Age of the oldest event that is in hand and not dealt with",
            "events_in_hand": "Events of the queue that are in hand",
        }
        self._gauges = {
            name: Gauge(f"upload_link_{name}", says, registry=metrics.registry)
            for name, says in gauges.items()
        }

    async def _measure(self) -> dict[str, float]:
        now = asyncio.get_running_loop().time()
        measured = {
            "queue_silence_seconds": round(now - self._announcer.last_read, 1),
            "oldest_unannounced_seconds": round(self._announcer.oldest(), 1),
            "events_in_hand": self._announcer.in_hand(),
        }
        if self._sockets is not None:
            measured["slack_connections"] = await self._sockets.alive()
        return measured

    async def healthz(self, _: web.Request) -> web.Response:
        """200 while a socket to Slack lives (or none is needed) and the queue is read, or else 503."""
        measured = await self._measure()
        ok = measured.get("slack_connections", 1) > 0
        ok = ok and measured["queue_silence_seconds"] < QUEUE_SILENCE
        return web.json_response({"ok": ok, **measured}, status=200 if ok else 503)

    async def metrics(self, _: web.Request) -> web.Response:
        """All figures, in Prometheus' text format."""
        for name, value in (await self._measure()).items():
            self._gauges[name].set(value)
        text = generate_latest(self._metrics.registry)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})
