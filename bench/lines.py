"""How fast a large file goes over lines as people have them, beside Uppy, curl and a single PUT."""

import asyncio
import itertools
import random
import shlex
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Playwright, TimeoutError, async_playwright

from bench import far, line, node
from bench.browser import UPLOAD_TOOK, WATCH_UPLOAD
from bench.line import FAR, Ends, Line
from bench.report import Row, at_least, spread
from local import chromium
from local.process import child

MIB = 1 << 20
SIZE = 128 * MIB
ROUNDS = 5
#: Seconds from an intent's arrival to the answer's publication: about what S3's event takes.
REPLY = 1.0
TIMEOUT = 600  # seconds for one upload

A = Line("A", megabits=200, round_trip=50, loss=0.5)
B = Line("B", megabits=200, round_trip=50, loss=0)
C = Line("C", megabits=50, round_trip=50, loss=0.1)
D = Line("D", megabits=100, round_trip=150, loss=0.1)
LINES = (A, B, C, D)
#: Which lines are measured at the same time, and how many files go out at once. A file on B may
#: take all of a small machine; on the others it is the line that it waits for.
GROUPS = (((B,), 1), ((A, C, D), 6))

CURLS = {"curl": 1, "curl6": 6}
TITLES = {
    "ours": "ours",
    "ours2": "ours, two origins",
    "bare": "single PUT",
    "uppy5": "Uppy 5",
    "uppy6": "Uppy 6",
    "curl": "curl",
    "curl6": "curl, six at once",
}
WAYS = tuple(TITLES)
#: What goes over one connection at a time takes minutes on a lossy line. Where no goal is set
#: against it, a shorter file stands for the whole one, in its favour: until its first losses a
#: connection is quick, which is more of a short file's way. All others send SIZE.
SHORTER = {
    **{(A, way): 8 * MIB for way in ("bare", "uppy6", "curl")},
    **{(each, way): 32 * MIB for each in (C, D) for way in ("uppy6", "curl")},
}
#: How many times the other's speed ours should at least have. At AWS a bucket has two origins.
GOALS = {
    A: (("ours2", "uppy5", 1.5),),
    B: (("ours", "bare", 0.95),),
    C: (
        *(("ours", "bare", 4.5), ("ours", "uppy5", 1.0)),
        *(("ours2", "bare", 4.5), ("ours2", "uppy5", 1.0)),
    ),
    D: (("ours", "bare", 4.5), ("ours", "uppy5", 1.0), ("ours2", "uppy5", 1.5)),
}

#: The browser finds the pages and the bucket's first name at the one address, its second at the
#: other.
RESOLVE = f"--host-resolver-rules=MAP {far.BUCKETS[1]} {FAR[1]}, MAP *.localhost {FAR[0]}"
NUMBERS = itertools.count(1)  # of links

Speeds = dict[tuple[Line, str], list[float]]  # Mbit/s


@dataclass(frozen=True)
class Send:
    """One file that goes out in one way."""

    line: Line
    way: str
    round: int

    @property
    def size(self) -> int:
        return SHORTER.get((self.line, self.way), SIZE)


def measure() -> list[Row]:
    """Speeds over every line; each round in a new order, and some of it side by side."""
    if why := line.missing():
        return [Row("every line", f"not measured: {why}")]
    node.install()
    return rows(asyncio.run(_measured()))


async def _measured() -> Speeds:
    speeds: Speeds = defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        far.bundle(folder)
        program = line.built(folder)
        async with async_playwright() as playwright:
            for lines, lanes in GROUPS:
                sends = list(_shuffled(lines))
                waiting = iter(sends)  # whichever lane is free takes the next
                async with asyncio.TaskGroup() as group:
                    for number in range(lanes):
                        place = folder / f"{lines[0].name}{number}"
                        place.mkdir()
                        lane = Lane(playwright, folder, place, program)
                        group.create_task(lane.work(waiting, speeds))
    return speeds


def _shuffled(lines: Sequence[Line]) -> Iterator[Send]:
    for number in range(1, ROUNDS + 1):
        sends = [Send(each, way, number) for each in lines for way in WAYS]
        yield from random.sample(sends, len(sends))


@dataclass(frozen=True)
class Lane:
    """Two namespaces, over the line between which one file goes after the other."""

    playwright: Playwright
    shared: Path
    folder: Path
    program: Path

    async def work(self, waiting: Iterator[Send], speeds: Speeds) -> None:
        """Send what waits, until nothing does."""
        with line.ends(self.folder, self.program) as ends:
            command = [sys.executable, "-m", "bench.far", str(self.shared), str(REPLY), *FAR]
            log = self.folder / "far.log"
            with child("the far end", ends.entering(ends.far, *command), env={}, log=log) as server:
                port = int(server.wait_for(r"^\d+$", seconds=20)[0])
                for send in waiting:
                    before = len(server.said().splitlines())
                    with ends.joined(send.line, seed=send.round):
                        elapsed = await self._elapsed(send, ends, port)
                    arrived = [int(size) for size in server.said().splitlines()[before:]]
                    if sum(arrived) != send.size:
                        raise ValueError(f"{send} has not arrived whole: {arrived}")
                    speed = 8 * send.size / elapsed / 1e6
                    speeds[send.line, send.way].append(speed)
                    _say(send, elapsed, speed)

    async def _elapsed(self, send: Send, ends: Ends, port: int) -> float:
        """Seconds that it took."""
        if send.way in CURLS:
            return await self._by_curl(send, ends, port)
        # A browser of its own, that no connection and no change of the network lives on in.
        entered = self.folder / "chromium"
        command = shlex.join(ends.entering(ends.near, chromium.path()))
        entered.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        entered.chmod(0o700)
        browser = await self.playwright.chromium.launch(
            executable_path=entered, args=[*chromium.FLAGS, RESOLVE]
        )
        try:
            return await self._by_page(send, browser, port)
        finally:
            await browser.close()

    async def _by_page(self, send: Send, browser: Browser, port: int) -> float:
        page = await browser.new_page()
        await page.add_init_script(WATCH_UPLOAD)
        address = far.address(send.way, port, next(NUMBERS))
        await page.goto(address, wait_until="networkidle")
        await page.set_input_files("input[type=file]", self._file(send.size))
        try:
            await page.wait_for_function(UPLOAD_TOOK, polling=100, timeout=TIMEOUT * 1000)
        except TimeoutError as late:
            raise ValueError(f"{send} is late: {await page.inner_text('body')}") from late
        return float(await page.evaluate(UPLOAD_TOOK)) / 1000

    async def _by_curl(self, send: Send, ends: Ends, port: int) -> float:
        count = CURLS[send.way]
        sizes = [send.size // count] * (count - 1)
        targets = [
            argument
            for number, size in enumerate([*sizes, send.size - sum(sizes)])
            for argument in (
                *("--upload-file", str(self._file(size))),
                f"http://{FAR[0]}:{port}/uploads/{send.way}/{number}",
            )
        ]
        # It would wait for a "100 Continue" that S3 sends and our sink does not.
        options = ["--silent", "--show-error", "--fail", "--header", "Expect:"]
        options += ["--max-time", str(TIMEOUT), "--parallel", "--parallel-immediate"]
        begun = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *ends.entering(ends.near, "curl", *options, *targets),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _, said = await process.communicate()
            if process.returncode:
                raise ValueError(f"{send}: {said.decode()}")
        finally:
            if process.returncode is None:
                process.kill()
        return time.monotonic() - begun

    def _file(self, size: int) -> Path:
        """A file of that size; sparse, so that reading it costs no disk."""
        file = self.folder / f"{size}.bin"
        with file.open("ab") as opened:
            opened.truncate(size)
        return file


def _say(send: Send, elapsed: float, speed: float) -> None:
    """A line of progress."""
    told = f"round {send.round}, {send.line.name}, {TITLES[send.way]}"
    mib = send.size // MIB
    print(
        f"  {told}: {mib} MiB in {elapsed:.1f} s, {speed:.1f} Mbit/s", file=sys.stderr, flush=True
    )


def rows(speeds: Speeds) -> list[Row]:
    """Each line's speeds, and how ours compare."""
    return [row for each in LINES for row in _rows(each, speeds)]


def _rows(each: Line, speeds: Speeds) -> Iterator[Row]:
    yield Row(str(each), "")
    for way in WAYS:
        short = f", {SHORTER[each, way] // MIB} MiB" if (each, way) in SHORTER else ""
        yield Row(
            f"{each.name}, {TITLES[way]}{short}",
            spread(speeds[each, way], "Mbit/s", digits=1),
            ROUNDS,
        )
    for ours, other, goal in GOALS[each]:
        ratio = statistics.median(speeds[each, ours]) / statistics.median(speeds[each, other])
        yield at_least(f"{each.name}, {TITLES[ours]} / {TITLES[other]}", ratio, goal)
