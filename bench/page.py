"""How much the upload page weighs and how soon it is ready, beside Uppy's and a blank one."""

import json
import random
import statistics
import tempfile
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Browser

from bench import node, site
from bench.browser import launched
from bench.report import Row, at_most, spread
from cloud.page import BUDGET
from local import chromium

UPPY_LIMIT = 0.55
BLANK_AIM = 1.15
ROUNDS = 9
AUDITS = 3  # Lighthouse's own advice on noise: take the median of several runs
CATEGORIES = ("accessibility", "best-practices", "performance")
PEERS = Path(__file__).parent / "peers"
SHORT_ID = "AAAAAAAAAAAAAAAAAAAAAA"
UPLOADS = "https://bucket.s3.eu-central-1.amazonaws.com/uploads/"

# Lighthouse's "slow 4G" as DevTools applies it: latency per request, bytes a second.
SLOW_4G = {
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 1474.56 * 1024 / 8,
    "uploadThroughput": 675 * 1024 / 8,
}
CPU_SLOWDOWN = 4

# Ready: the file input is there and every script that the page begins with has run. Ours shows
# its input once it knows the link, with a short one's plan.
WATCH_INPUT = """
window.benchInput = new Promise((resolve) => {
  new MutationObserver((_, observer) => {
    const input = document.querySelector("input[type=file]");
    if (!input || input.closest("#pick[hidden]")) return;
    resolve(performance.now());
    observer.disconnect();
  }).observe(document, { attributeFilter: ["hidden"], childList: true, subtree: true });
});
"""
READY = """
async (blank) => Math.max(
  blank ? 0 : await window.benchInput,
  performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
)
"""


def measure() -> list[Row]:
    """Weight, time to ready, Lighthouse's scores."""
    node.install()
    plan = {f"/p/{SHORT_ID}.json": site.plan(UPLOADS)}
    sites = {"ours": {**site.ours(UPLOADS), **plan}, "uppy": uppy(), "blank": blank()}
    with site.serving(sites) as server:
        addresses = {name: server.url(name) for name in sites}
        ours = addresses["ours"]
        addresses["ours"] = site.link(ours, site.signed(UPLOADS, "2026/11/24/x/1"))
        addresses["ours, short"] = f"{ours}#{SHORT_ID}"
        with launched() as browser:
            rows = [weight(browser, server, addresses, name) for name in ("ours", "uppy")]
            times = ready_times(browser, addresses)
        rows += ready(times)
        rows += lighthouse(addresses["ours"])
    return rows


def uppy() -> site.Site:
    """Uppy's drop area, status bar and S3 client, bundled and minified."""
    with tempfile.TemporaryDirectory() as folder:
        node.bundle(PEERS / "uppy.js", Path(folder))
        script, style = (Path(folder, f"uppy.{kind}").read_bytes() for kind in ("js", "css"))
    return {
        "/": site.text((PEERS / "uppy.html").read_bytes(), "text/html"),
        "/uppy.js": site.text(script, "text/javascript"),
        "/uppy.css": site.text(style, "text/css"),
    }


def blank() -> site.Site:
    """The floor: what any page costs."""
    return {"/": site.text((PEERS / "blank.html").read_bytes(), "text/html")}


def weight(browser: Browser, server: site.Server, addresses: Mapping[str, str], name: str) -> Row:
    """All that a first visit loads, compressed; without headers, of which each server has its own."""
    server.sent.clear()
    strangers: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((server.url(name), "data:"))
                else strangers.append(request.url)
            ),
        )
        page.goto(addresses[name], wait_until="networkidle")
    total = sum(size for _, _, size in server.sent)
    measured = f"{total:,} B in {len(server.sent)}, {len(strangers)} elsewhere"
    if name != "ours":
        return Row(f"first visit, {name}", measured, 1)
    met = total <= BUDGET and not strangers
    return Row(f"first visit, {name}", measured, 1, f"≤ {BUDGET:,} B, 0", met)


def ready_times(browser: Browser, addresses: Mapping[str, str]) -> dict[str, list[float]]:
    """Milliseconds to ready for each page; every round visits all, in a new order."""
    times: dict[str, list[float]] = {name: [] for name in addresses}
    for number in range(ROUNDS + 1):
        for name in random.sample(sorted(addresses), len(addresses)):
            elapsed = visit(browser, addresses[name])
            if number:  # the first round warms the browser up
                times[name].append(elapsed)
    return times


def visit(browser: Browser, address: str) -> float:
    """Milliseconds until the page is ready, on a cold cache, a slow network and a slow CPU."""
    with browser.new_context() as context:
        page = context.new_page()
        page.add_init_script(WATCH_INPUT)
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_4G)
        session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
        page.goto(address, wait_until="load")
        return float(page.evaluate(READY, "blank." in address))


def ready(times: Mapping[str, list[float]]) -> list[Row]:
    """The times and their ratios."""
    median = {name: statistics.median(values) for name, values in times.items()}
    rows = [Row(f"ready, {name}", spread(times[name], "ms"), ROUNDS) for name in times]
    rows.append(at_most("ready, ours / uppy", median["ours"] / median["uppy"], UPPY_LIMIT))
    to_blank = median["ours"] / median["blank"]
    rows.append(Row("ready, ours / blank", f"{to_blank:.2f}", goal=f"aim {BLANK_AIM}"))
    # Its plan is a second trip, which Uppy's link, too, would need to know what is asked for.
    return [*rows, Row("ready, short / uppy", f"{median['ours, short'] / median['uppy']:.2f}")]


def lighthouse(address: str) -> list[Row]:
    """Lighthouse's scores for a phone, each of which should be 100; the medians of some runs."""
    runs = [audit(address) for _ in range(AUDITS)]
    scores = {name: statistics.median(run[name] for run in runs) for name in CATEGORIES}
    return [
        Row(f"Lighthouse, {name}", f"{score:.0f}", AUDITS, "= 100", score == 100)
        for name, score in scores.items()
    ]


def audit(address: str) -> dict[str, int]:
    """One run of Lighthouse: category → score out of 100."""
    report = json.loads(
        node.run(
            "lighthouse/cli/index.js",
            *(address, "--quiet", "--output=json", f"--only-categories={','.join(CATEGORIES)}"),
            f"--chrome-flags=--headless {' '.join(chromium.FLAGS)}",
            env={"CHROME_PATH": chromium.path(), "PATH": "/usr/bin:/bin"},
        )
    )
    return {name: round(report["categories"][name]["score"] * 100) for name in CATEGORIES}
