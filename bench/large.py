"""How fast a file of a GiB leaves through our page in parts, and what one of four takes of it."""

import asyncio
import itertools
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import far, node
from bench.browser import UPLOAD_TOOK, WATCH_UPLOAD, pss
from bench.report import Row, at_least, at_most, spread
from bench.unwatched import Browser, Tab, launched
from bench.upload import memory
from local.process import Child, child

GIB = 1 << 30
MIB = 1 << 20
#: Size → rounds. One more of the smaller size goes before them, to warm up.
FAST, HUGE = GIB, 4 * GIB
ROUNDS = {FAST: 5, HUGE: 3}
WARM_UP = {FAST: 1, HUGE: 0}
TITLES = {"ours": "ours", "bare": "single PUT", "uppy6": "Uppy 6"}
GOALS = {"bare": 0.95, "uppy6": 1.5}
FLAT = 16  # MiB that a renderer may grow by
SHARE = 0.5  # of what it grows by with Uppy 6
TIMEOUT = 180  # seconds for one upload
READY = 2  # seconds for a page to become quiet
NUMBERS = itertools.count(1)  # of links

# Tasks that kept the page from answering its user for more than 50 ms, once a file was chosen.
WATCH_TASKS = """
window.benchTasks = [];
new PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries()) {
    if (startTime >= window.benchChosenAt) window.benchTasks.push(duration);
  }
}).observe({ type: "longtask" });
"""


@dataclass(frozen=True)
class Upload:
    """One file sent."""

    speed: float  # MB/s
    growth: float  # MiB of its renderer, at most, over what it had before
    tasks: int  # of over 50 ms


def measure() -> list[Row]:
    """Both sizes by each page, in a new order each round. The bot answers at once here."""
    node.install()
    return rows(asyncio.run(_measured()))


async def _measured() -> Mapping[tuple[int, str], Sequence[Upload]]:
    uploads: dict[tuple[int, str], list[Upload]] = defaultdict(list)
    with far_end() as (port, server), tempfile.TemporaryDirectory() as folder:
        async with launched(Path(folder)) as browser:
            for size, rounds in ROUNDS.items():
                file = Path(folder, f"{size}.bin")
                with file.open("wb") as opened:
                    opened.truncate(size)  # sparse: reading it costs no disk
                for number in range(1 - WARM_UP[size], rounds + 1):
                    for name in random.sample(sorted(TITLES), len(TITLES)):
                        upload = await send(browser, far.address(name, port, next(NUMBERS)), file)
                        if number:
                            uploads[size, name].append(upload)
                            _say(size, name, number, upload)
        received = [int(line) for line in server.said().splitlines()[1:]]
    sent = {size: (WARM_UP[size] + ROUNDS[size]) * len(TITLES) for size in ROUNDS}
    if received != [size for size, count in sent.items() for _ in range(count)]:
        raise ValueError(f"not every file went out whole: {received}")
    return uploads


@contextmanager
def far_end() -> Iterator[tuple[int, Child]]:
    """All pages, and a sink, on loopback."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        far.bundle(folder)
        command = [sys.executable, "-m", "bench.far", name, "0", "127.0.0.1"]
        with child("the far end", command, env={}, log=folder / "far.log") as server:
            yield int(server.wait_for(r"^\d+$", seconds=20)[0]), server


async def send(browser: Browser, address: str, file: Path) -> Upload:
    """Open the page, choose the file, wait until it is there."""
    size = file.stat().st_size
    async with Tab(browser) as tab:
        await tab.open(address, WATCH_UPLOAD + WATCH_TASKS)
        await asyncio.sleep(READY)
        pids = await browser.renderers()
        before = sum(map(pss, pids))
        with memory(pids) as held:
            until = time.monotonic() + TIMEOUT
            await tab.choose("input[type=file]", str(file))
            while (took := await tab.value(f"({UPLOAD_TOOK})()")) is None:
                if time.monotonic() > until:
                    said = await tab.value("document.body.innerText")
                    raise ValueError(f"{address.split('?')[0]} has not sent it: {said}")
                await asyncio.sleep(0.1)
        tasks = int(await tab.value("window.benchTasks.length"))
    return Upload(1000 * size / took / 1e6, (max(held) - before) / MIB, tasks)


def _say(size: int, name: str, number: int, upload: Upload) -> None:
    """A line of progress."""
    told = f"{upload.speed:.0f} MB/s, {upload.growth:+.0f} MiB, {upload.tasks} long tasks"
    print(
        f"  round {number}, {size // GIB} GiB, {TITLES[name]}: {told}", file=sys.stderr, flush=True
    )


def rows(uploads: Mapping[tuple[int, str], Sequence[Upload]]) -> list[Row]:
    """Speeds with the smaller file; memory and long tasks with the larger one."""
    speeds = {name: [one.speed for one in uploads[FAST, name]] for name in TITLES}
    growths = {name: [one.growth for one in uploads[HUGE, name]] for name in TITLES}
    tasks = {name: sum(one.tasks for one in uploads[HUGE, name]) for name in TITLES}
    fast = {name: statistics.median(speeds[name]) for name in TITLES}
    grown = {name: statistics.median(growths[name]) for name in TITLES}
    return [
        *(
            Row(f"speed, {title}", spread(speeds[name], "MB/s"), ROUNDS[FAST])
            for name, title in TITLES.items()
        ),
        *(
            at_least(f"speed, ours / {TITLES[name]}", fast["ours"] / fast[name], goal)
            for name, goal in GOALS.items()
        ),
        *(
            Row(f"4 GiB, renderer grows, {title}", spread(growths[name], "MiB"), ROUNDS[HUGE])
            for name, title in TITLES.items()
        ),
        Row(
            "4 GiB, renderer grows, ours",
            f"{grown['ours']:.0f} MiB",
            None,
            f"≤ {FLAT} MiB",
            grown["ours"] <= FLAT,
        ),
        at_most("4 GiB, growth, ours / Uppy 6", grown["ours"] / grown["uppy6"], SHARE),
        *(
            Row(f"4 GiB, tasks over 50 ms, {title}", str(tasks[name]), ROUNDS[HUGE])
            for name, title in TITLES.items()
            if name != "ours"
        ),
        Row(
            "4 GiB, tasks over 50 ms, ours",
            str(tasks["ours"]),
            ROUNDS[HUGE],
            "none",
            tasks["ours"] == 0,
        ),
    ]
