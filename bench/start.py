"""How soon a bot is ready, and how much memory it has held after some work."""

import re
import tempfile
import time
from pathlib import Path

from bench.link import commands
from bench.report import Row, spread
from local import aws, bot
from local.slack import driver

STARTS = 7
START_LIMIT = 2_000  # milliseconds
COMMANDS, AT_ONCE = 200, 50
MEMORY_LIMIT = 120  # MiB


def measure() -> list[Row]:
    """Milliseconds from `python bot.py` to the first command that it takes, and its peak."""
    with tempfile.TemporaryDirectory() as folder, aws.running() as local_aws, driver.running() as s:
        env = {**local_aws.bot_env, **s.bot_env}
        channels = s.add_channels(COMMANDS)
        times = []
        for number in range(STARTS):
            began = time.monotonic()
            with bot.running(env, log=Path(folder, f"{number}.log")):
                s.wait_for_connections()
                times.append(1000 * (time.monotonic() - began))
        with bot.running(env, log=Path(folder, "busy.log")) as busy:
            s.wait_for_connections()
            commands(s, channels, AT_ONCE)
            peak = peak_memory(busy.pid)
    return [
        Row(
            "from start to ready",
            spread(times, "ms"),
            STARTS,
            f"< {START_LIMIT:,} ms",
            max(times) < START_LIMIT,
        ),
        Row(
            f"memory after {COMMANDS} commands, at most",
            f"{peak:,.0f} MiB",
            1,
            f"≤ {MEMORY_LIMIT} MiB",
            peak <= MEMORY_LIMIT,
        ),
    ]


def peak_memory(pid: int) -> float:
    """The most that a process has held at once, in MiB (Linux, proc_pid_status(5): VmHWM)."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    assert found
    return int(found[1]) / 1024
