"""`python bot.py doctor`: the installation as it really is, each thing tried and not supposed."""

import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from queue import SimpleQueue
from threading import Event

import boto3

from cloud.doctor import bucket, clocks, credentials, page, queues, scan, slack, table, upload
from cloud.doctor.finding import Check, Finding, Findings, Verdict
from cloud.doctor.installation import Installation

#: A part of the examination: a generator, so that what it finds is told at once, and what it
#: has put anywhere is taken away however it ends.
Part = Callable[[Installation], Findings]

_WITHOUT_AWS: dict[str, Part] = {"slack": slack.examine, "clock": clocks.examine}
_WITH_AWS: dict[str, Part] = {
    "bucket": bucket.examine,
    "page": page.examine,
    "queue": queues.examine,
    "table": table.examine,
    "scan": scan.examine,
    "upload": upload.examine,
}
PARTS = ("credentials", *_WITHOUT_AWS, *_WITH_AWS)


def examine(it: Installation, session: boto3.Session, only: Collection[str] = PARTS) -> Findings:
    """Every finding as soon as it is there; the parts side by side.

    Without credentials there is nothing to try at AWS. Ends early, and still
    cleanly, when it is closed or interrupted.
    """
    parts = {name: part for name, part in _WITHOUT_AWS.items() if name in only}
    at_aws = {name: part for name, part in _WITH_AWS.items() if name in only}
    if at_aws or "credentials" in only:
        found = list(_timed(credentials.examine(it, session)))
        yield from found
        if any(finding.verdict is Verdict.BAD for finding in found[:1]):
            yield from (Check(name, "all of it").skipped("see credentials") for name in at_aws)
        else:
            parts |= at_aws
    yield from _side_by_side(it, parts.values())


def _side_by_side(it: Installation, parts: Collection[Part]) -> Iterator[Finding]:
    told: SimpleQueue[Finding | None] = SimpleQueue()
    # No part begins before the pool knows of all: interrupted earlier, it would end before one that
    # it does not know of, and wait for the others until they had found out all.
    begun = Event()
    with ThreadPoolExecutor(len(PARTS), "doctor") as pool:
        try:
            running = [pool.submit(_run, part, it, told, begun) for part in parts]
            begun.set()
            for _ in running:
                while (finding := told.get()) is not None:
                    yield finding
        finally:
            it.stop.set()
            begun.set()
    for part in running:
        part.result()


def _run(part: Part, it: Installation, told: "SimpleQueue[Finding | None]", begun: Event) -> None:
    begun.wait()
    findings = _timed(part(it))
    try:
        while not it.stop.is_set() and (finding := next(findings, None)) is not None:
            told.put(finding)
    finally:
        findings.close()
        told.put(None)


def _timed(findings: Findings) -> Findings:
    """Each with the seconds that it took."""
    try:
        since = time.monotonic()
        for finding in findings:
            yield replace(finding, seconds=time.monotonic() - since)
            since = time.monotonic()
    finally:
        findings.close()
