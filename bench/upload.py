"""How fast a large file leaves through our page, beside the barest page that can send one."""

import random
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, TimeoutError

from bench import site
from bench.browser import launched, pss, renderers
from bench.report import Row, percentile, spread
from local.process import Child, child

SIZE = 1 << 30  # bytes
ROUNDS = 9
SPEED_GOAL = 0.95
FLAT = 16 << 20  # bytes that a renderer may grow by while 64 times as many pass through it
SAMPLE_EVERY = 0.25  # seconds
TIMEOUT = 60_000  # milliseconds for one upload
BARE = Path(__file__).parent / "peers" / "bare.html"

# From the file's choice in the page to the end of the answer to its PUT, whatever lies between.
WATCH_CHOICE = (
    'addEventListener("change", () => { window.benchChosenAt = performance.now(); }, true)'
)
ELAPSED = """
url => {
  const answer = performance.getEntriesByName(url).at(-1);
  return answer ? answer.responseEnd - window.benchChosenAt : null;
}
"""


@dataclass(frozen=True)
class Upload:
    """One file sent: bytes a second, and how many bytes its renderer gained meanwhile."""

    speed: float
    growth: int


def measure() -> list[Row]:
    """Speed and memory over interleaved rounds; the first round, a warm-up, is not counted."""
    uploads: dict[str, list[Upload]] = {"ours": [], "bare": []}
    with tempfile.NamedTemporaryFile(suffix=".bin") as file, sinking() as (prefix, sink):
        file.truncate(SIZE)  # sparse: reading it costs no disk
        bare = {"/": site.text(BARE.read_bytes(), "text/html")}
        sites = {"ours": site.ours(prefix), "bare": bare}
        with site.serving(sites) as server, launched() as browser:
            for number in range(ROUNDS + 1):
                for name in random.sample(sorted(uploads), len(uploads)):
                    url = site.signed(prefix, f"2026/11/24/{name}/{number}")
                    upload = send(browser, site.link(server.url(name), url), url, file.name)
                    if number:
                        uploads[name].append(upload)
        received = sink.said().splitlines()[1:]
        if received != [str(SIZE)] * 2 * (ROUNDS + 1):
            raise ValueError(f"not every file went out whole: {received}")
    return rows(uploads)


@contextmanager
def sinking() -> Iterator[tuple[str, Child]]:
    """A sink in a process of its own, and the prefix that uploads to it have."""
    command = [sys.executable, "-m", "bench.sink"]
    with (
        tempfile.TemporaryDirectory() as folder,
        child("the sink", command, env={}, log=Path(folder, "sink.log")) as sink,
    ):
        port = sink.wait_for(r"^\d+$", seconds=10)[0]
        yield f"http://bucket.localhost:{port}/uploads/", sink


def send(browser: Browser, address: str, url: str, file: str) -> Upload:
    """Open the page, choose the file, wait until it has been sent."""
    with browser.new_context() as context:
        page = context.new_page()
        page.add_init_script(WATCH_CHOICE)
        page.goto(address, wait_until="networkidle")
        with memory(renderers(browser)) as held:
            page.set_input_files("input[type=file]", file)
            try:
                page.wait_for_function(ELAPSED, arg=url, polling=100, timeout=TIMEOUT)
            except TimeoutError as late:
                said = page.inner_text("body")
                raise ValueError(f"{address.split('?')[0]} has not sent it: {said}") from late
        elapsed = float(page.evaluate(ELAPSED, url))
    return Upload(speed=SIZE / (elapsed / 1000), growth=growth(held))


@contextmanager
def memory(pids: list[int]) -> Iterator[list[int]]:
    """Sample how many bytes the processes hold, from now until the end."""
    samples: list[int] = []
    done = threading.Event()

    def sample() -> None:
        while not done.wait(SAMPLE_EVERY):
            samples.append(sum(map(pss, pids)))

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        done.set()
        thread.join()


def growth(held: Sequence[int]) -> int:
    """Bytes gained at most in the last three quarters of an upload.

    In the first quarter a page is still painting for the first time, which takes memory too.
    """
    running = held[len(held) // 4 :]
    return max(running) - running[0]


def rows(uploads: dict[str, list[Upload]]) -> list[Row]:
    """Speeds, their ratio, and memory."""
    speeds = {name: [one.speed / 1e6 for one in all_] for name, all_ in uploads.items()}
    growths = {name: [one.growth / (1 << 20) for one in all_] for name, all_ in uploads.items()}
    ratio = statistics.median(speeds["ours"]) / statistics.median(speeds["bare"])
    low, high = interval(speeds["ours"], speeds["bare"])
    limit = FLAT >> 20
    flat = statistics.median(growths["ours"]) <= limit
    return [
        *(Row(f"speed, {name}", spread(speeds[name], "MB/s"), ROUNDS) for name in speeds),
        Row(
            "speed, ours / bare",
            f"{ratio:.2f}   90 % sure: {low:.2f} to {high:.2f}",
            goal=f"≥ {SPEED_GOAL}",
            met=ratio >= SPEED_GOAL,
        ),
        Row("renderer grows, bare", spread(growths["bare"], "MiB"), ROUNDS),
        Row("renderer grows, ours", spread(growths["ours"], "MiB"), ROUNDS, f"≤ {limit} MiB", flat),
    ]


def interval(ours: Sequence[float], bare: Sequence[float]) -> tuple[float, float]:
    """Where the ratio of the medians lies with 90 % confidence, by bootstrap."""
    ratios = [
        statistics.median(random.choices(ours, k=len(ours)))
        / statistics.median(random.choices(bare, k=len(bare)))
        for _ in range(2000)
    ]
    return percentile(ratios, 5), percentile(ratios, 95)
