"""How soon every command is answered again after sockets to Slack broke."""

import time

from bench import product
from bench.report import Row
from handlers.doors import CONNECTIONS
from local.slack.driver import Slack

#: Commands in a row that must be answered: Slack's stand-in gives each connection its turn.
WELL = 3 * CONNECTIONS

#: What breaks: with TCP RST, with a close frame, or in silence, so that only pings find out.
TROUBLES = ("reset", "close", "mute")
GOAL = 30.0  # seconds
PAUSE = 0.25  # seconds after a command that was lost at once


def measure() -> list[Row]:
    """Seconds until all is well again, and the commands that were lost meanwhile."""
    with product.running() as (_, slack):
        return [
            _row(slack, trouble, most) for trouble in TROUBLES for most in range(1, CONNECTIONS + 1)
        ]


def _row(slack: Slack, trouble: str, most: int) -> Row:
    slack.wait_for_connections(CONNECTIONS, seconds=60)
    channels = iter(slack.add_channels(200))
    getattr(slack, f"{trouble}_socket")(most)
    broken_at = well_at = time.monotonic()
    asked = answered = lost = 0
    while answered < WELL:
        asked += 1
        if slack.command("Q3 report", channel=next(channels)).error:
            lost, answered, well_at = lost + 1, 0, time.monotonic()
            time.sleep(PAUSE)
        else:
            answered += 1
    seconds = well_at - broken_at
    return Row(
        f"{trouble}, {most} of {CONNECTIONS}",
        f"{seconds:.1f} s, {lost} of {asked} commands lost",
        1,
        f"≤ {GOAL:.0f} s",
        seconds <= GOAL,
    )
