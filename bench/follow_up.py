"""How soon a channel hears of a file: a burst of uploads, each told once, at Slack's pace.

Each file is the first of its link, so that each has a message of its own.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

from bench import link, product
from bench.report import Row, percentile, tail
from local import plan
from local.aws import Aws
from local.slack.driver import Call, Slack, words
from uploads.links import reference

FILES = 200
CHANNELS = 50
AT_ONCE = 8  # uploads; enough to keep the local AWS busy
PATIENCE = 60.0  # seconds for the last follow-up to come
INTERVAL = 1.0  # seconds between two posts in a channel, Slack's
JITTER = 0.1  # seconds by which two posts may come nearer on their way through a busy machine


@dataclass(frozen=True)
class Sent:
    """A file that a stranger has sent, and when (unix seconds). `mark` is its message's."""

    mark: str
    channel: str
    at: float


def measure() -> list[Row]:
    """Make the links, send all files at once, and read the local Slack's call log."""
    with product.running() as (aws, slack):
        channels = slack.add_channels(CHANNELS)
        links = [pair for _ in range(FILES // CHANNELS) for pair in make_links(slack, channels)]
        with ThreadPoolExecutor(AT_ONCE) as strangers:
            sent = list(strangers.map(lambda pair: send(aws, *pair), links))
        wait_until_handled(aws)
        calls = slack.calls("chat.postMessage")
    return [*times(sent, calls), *pace(calls)]


def make_links(slack: Slack, channels: Sequence[str]) -> list[tuple[str, str]]:
    """One link in each channel: (channel, signed URL)."""
    link.commands(slack, channels, AT_ONCE)
    return [(channel, plan.put_url(newest_link(slack, channel))) for channel in channels]


def newest_link(slack: Slack, channel: str) -> str:
    """The last link that the requester was given there."""
    answer = [message for message in slack.sees("ann", channel) if message["ephemeral"]][-1]
    return next(text for text in words(answer).split() if text.startswith("http") and "#" in text)


def send(aws: Aws, channel: str, url: str) -> Sent:
    """PUT a small file as the page would. The clock starts before it, so it counts as well:

    nobody but S3 and the queue sees the event itself.
    """
    at = time.time()
    headers = {"If-None-Match": "*", "Content-Type": "text/plain"}
    answer = aws.request("PUT", url, headers=headers, body=b"A file.")
    if answer.status != 200:
        raise ValueError(f"the upload was answered {answer.status}: {answer.body!r}")
    link = plan.file_of(url).link
    return Sent(reference(f"{link}/sitting#1"), channel, at)


def wait_until_handled(aws: Aws) -> None:
    """Return when the queue is empty, for then every event is recorded as handled."""
    sqs, queue = aws.client("sqs"), aws.outputs["EventQueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        counts = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        if not any(int(counts[name]) for name in names):
            return
        time.sleep(0.25)


def times(sent: Sequence[Sent], calls: Sequence[Call]) -> list[Row]:
    """How long each file took, and whether each was told once."""
    heard: dict[str, list[float]] = {one.mark: [] for one in sent}
    for call in calls:
        mark = call.args["metadata"]["event_payload"]["reference"]
        if call.error is None and mark in heard:
            heard[mark].append(call.at)
    ours = [heard[one.mark][0] - one.at for one in sent if heard[one.mark]]
    best = ideal(sent)
    lost = sum(not posts for posts in heard.values())
    twice = sum(len(posts) > 1 for posts in heard.values())
    beyond = percentile(ours, 99) - percentile(best, 99)
    return [
        Row("event to follow-up", tail([seconds * 1000 for seconds in ours], "ms"), len(ours)),
        Row("Slack's pace alone", tail([seconds * 1000 for seconds in best], "ms"), len(best)),
        Row("ours beyond Slack's pace", f"p99 {beyond * 1000:,.0f} ms"),
        Row("lost", str(lost), len(sent), "= 0", lost == 0),
        Row("told twice", str(twice), len(sent), "= 0", twice == 0),
    ]


def pace(calls: Sequence[Call]) -> list[Row]:
    """Whether every channel had its second between two posts, cards included."""
    channels: dict[str, list[float]] = {}
    for call in calls:
        channels.setdefault(call.args["channel"], []).append(call.at)
    gap = min(after - before for posts in channels.values() for before, after in pairwise(posts))
    least = INTERVAL - JITTER
    hurried = sum(call.status == 429 for call in calls)
    return [
        Row("least gap in a channel", f"{gap:.2f} s", len(calls), f"≥ {least:.2f} s", gap >= least),
        Row("told to slow down (429)", str(hurried), len(calls), "= 0", hurried == 0),
    ]


def ideal(sent: Sequence[Sent]) -> list[float]:
    """Seconds to each follow-up if nothing but one post a second in a channel took time."""
    free: dict[str, float] = {}
    waits = []
    for one in sorted(sent, key=lambda one: one.at):
        at = max(one.at, free.get(one.channel, 0.0))
        free[one.channel] = at + INTERVAL
        waits.append(at - one.at)
    return waits
