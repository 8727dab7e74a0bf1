"""How soon a requester sees the link, beside a bot that does nothing, on the same transport."""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench import product
from bench.report import Row, at_most, percentile, tail
from local.process import child
from local.slack import driver
from local.slack.driver import Interaction, Slack, words

COMMANDS = 500  # for each bot and each number at a time
AT_ONCE = (1, 50)
BLOCK = 100  # commands in a row to one bot, before the other has its turn
ACK_LIMIT = 3000  # milliseconds, Slack's
PATIENCE = 30.0  # seconds that a command may go unanswered before it counts as lost
LOOK_EVERY = 0.02  # seconds; the times themselves are the local Slack's

#: The last state in which a link was one signed URL, without a record's life around it.
BEFORE = "673779f"
SLOWER = 1.5  # times what it took then, at most
ROOT = Path(__file__).parent.parent

#: Makes so many commands, so many at a time; returns milliseconds to each answer.
Earlier = Callable[[int, int], list[float]]


def measure() -> list[Row]:
    """Time to link, and to an empty answer, one command at a time and many."""
    rows: list[Row] = []
    with product.running() as (aws, ours), empty_bolt() as floor, before() as earlier:
        slacks = {"ours": ours, "empty Bolt": floor}
        # A channel is used once: Slack lets a bot post in each only once a second.
        channels = {
            name: iter(slack.add_channels(COMMANDS * len(AT_ONCE) + max(AT_ONCE)))
            for name, slack in slacks.items()
        }
        for name, slack in slacks.items():  # the first commands open connections
            commands(slack, [next(channels[name]) for _ in range(max(AT_ONCE))], max(AT_ONCE))
        earlier(max(AT_ONCE), max(AT_ONCE))
        for at_once in AT_ONCE:
            done: dict[str, list[Interaction]] = {name: [] for name in slacks}
            then: list[float] = []
            for _ in range(COMMANDS // BLOCK):
                for name in random.sample([*slacks, "before"], len(slacks) + 1):
                    if name == "before":
                        then += earlier(BLOCK, at_once)
                        continue
                    asked_in = [next(channels[name]) for _ in range(BLOCK)]
                    done[name] += commands(slacks[name], asked_in, at_once)
            took = {name: waits(interactions) for name, interactions in done.items()}
            took["one signed URL, as before"] = then
            rows += [timing(name, at_once, waited) for name, waited in took.items()]
            rows += ratios(at_once, *took.values())
            rows += promises(ours, done["ours"], aws.page_url)
    return rows


@contextmanager
def before() -> Iterator[Earlier]:
    """The product of then, in a checkout of its own, with a local AWS and Slack of its own."""
    with tempfile.TemporaryDirectory() as folder:
        for command in (
            ["clone", "--quiet", "--no-checkout", "--shared", str(ROOT), folder],
            ["-C", folder, "checkout", "--quiet", BEFORE],
        ):
            if subprocess.run(["git", *command]).returncode:
                raise ValueError(f"{BEFORE} cannot be checked out: a shallow clone has no history")
        env = {**os.environ, "PYTHONPATH": folder, "PYTHONSAFEPATH": "1"}
        command = [sys.executable, str(Path(__file__).with_name("before.py"))]
        with subprocess.Popen(
            command, cwd=folder, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as product_of_then:
            to, said = product_of_then.stdin, product_of_then.stdout
            assert to
            assert said

            def earlier(count: int, at_once: int) -> list[float]:
                print(count, at_once, file=to, flush=True)
                return [float(ms) for ms in json.loads(said.readline()) if ms is not None]

            while said.readline() != "ready\n":
                if product_of_then.poll() is not None:
                    raise ValueError(f"the product of {BEFORE} does not start")
            yield earlier
            to.close()


@contextmanager
def empty_bolt() -> Iterator[Slack]:
    """A local Slack of its own with a bot that only acknowledges and answers."""
    with driver.running() as slack, tempfile.TemporaryDirectory() as folder:
        bot_env = slack.bot_env
        names = ("SLACK_API_URL", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")
        command = [sys.executable, "-m", "bench.empty_bolt", *(bot_env[name] for name in names)]
        with child("the empty bot", command, env={}, log=Path(folder, "bot.log")) as bot:
            bot.wait_for("^ready$", seconds=20)
            slack.wait_for_connections()
            yield slack


def commands(slack: Slack, channels: Sequence[str], at_once: int) -> list[Interaction]:
    """Type the command once in each channel, so many people at a time; wait for every answer."""
    done: list[Interaction] = []
    with ThreadPoolExecutor(at_once) as people:
        for start in range(0, len(channels), at_once):
            together = channels[start : start + at_once]
            asked = list(people.map(lambda channel: ask(slack, channel), together))
            done += [answered(slack, interaction) for interaction in asked]
    return done


def ask(slack: Slack, channel: str) -> Interaction:
    """Type `/upload-link`; returns once it is acknowledged."""
    return slack.command("Q3 report from Acme", channel=channel)


def answered(slack: Slack, interaction: Interaction) -> Interaction:
    """The interaction once its first answer can be seen, or as it is when patience ends."""
    until = time.monotonic() + PATIENCE
    while interaction.seen_ms is None and time.monotonic() < until:
        time.sleep(LOOK_EVERY)
        interaction = slack.interaction(interaction.id)
    return interaction


def timing(name: str, at_once: int, took: Sequence[float]) -> Row:
    """Milliseconds from the command to the answer that the requester sees."""
    return Row(f"{name}, {at_once} at a time", tail(took, "ms"), len(took))


def waits(done: Sequence[Interaction]) -> list[float]:
    """Milliseconds to each answer; those that never came are counted elsewhere."""
    return [one.seen_ms for one in done if one.seen_ms is not None]


def promises(slack: Slack, done: Sequence[Interaction], page_url: str) -> list[Row]:
    """Every command got a link, and an acknowledgement in time."""
    missing = sum(not sees_link(slack, one, page_url) for one in done)
    late = sum(one.acked_ms is None or one.acked_ms >= ACK_LIMIT for one in done)
    slowest = max((one.acked_ms for one in done if one.acked_ms is not None), default=0.0)
    return [
        Row("  without a link", str(missing), len(done), "= 0", missing == 0),
        Row("  slowest ack", f"{slowest:,.0f} ms", len(done), f"< {ACK_LIMIT:,} ms", late == 0),
    ]


def sees_link(slack: Slack, one: Interaction, page_url: str) -> bool:
    """Whether the requester has a link in the channel where the command was typed."""
    seen = slack.sees(channel=one.channel or "")
    return any(message["ephemeral"] and f"{page_url}/#" in words(message) for message in seen)


def ratios(
    at_once: int, ours: Sequence[float], floor: Sequence[float], then: Sequence[float]
) -> list[Row]:
    """What the product's own work costs beyond Bolt and the transport, and what a life costs."""
    mine, bolt, earlier = (percentile(took, 50) for took in (ours, floor, then))
    return [
        Row(f"ours / empty Bolt, {at_once} at a time", f"p50 {mine / bolt:.1f}"),
        at_most(f"ours / one signed URL, {at_once} at a time", mine / earlier, SLOWER),
    ]
