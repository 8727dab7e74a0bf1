"""`make demo` as a newcomer meets it: one address, all of the road, and nothing left behind."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.loopback import request
from local.plan import put_url
from local.process import Child, child
from local.slack.driver import Slack, words

ROOT = Path(__file__).parent.parent


@contextmanager
def demo(folder: Path, name: str) -> Iterator[tuple[Child, Slack]]:
    """The demo with a folder of its own for what it keeps, and the Slack at its address."""
    env = {"TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "local.demo"]
    with child("the demo", command, env=env, log=folder / f"{name}.log", patience=30) as running:
        found = running.wait_for(r"Open  (http://\S+)", seconds=60)
        yield running, Slack(found[1])


def group_of(pid: int) -> list[int]:
    """Every process that a process has started, and theirs (ps(1))."""
    told = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
    parents = dict(map(int, line.split()) for line in told.stdout.splitlines())
    found = {pid}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return sorted(found - {pid})


def ask_and_send(slack: Slack) -> None:
    """The main job: ask, send, hear of it."""
    slack.command("Q3 report from Acme")
    answer = words(slack.wait_for("Your upload link"))
    address = re.search(r"http://\S+#\S+", answer)
    assert address
    sent = request("PUT", put_url(address[0]), headers={"If-None-Match": "*"}, body=b"x")
    assert sent.status == 200
    slack.wait_for("has arrived", seconds=20)


@pytest.mark.long(15)
def test_it_works_and_leaves_nothing(tmp_path: Path) -> None:
    """Each step is told; a second one moves around the ports; Ctrl-C ends all that it has begun."""
    with demo(tmp_path, "first") as (first, _), demo(tmp_path, "second") as (second, slack):
        for step in ("MiniStack", "template.yaml deployed", "page published", "local Slack", "bot"):
            assert step in first.said()
        theirs = [pid for running in (first, second) for pid in group_of(running.pid)]
        assert len(theirs) >= 6
        first.signal(signal.SIGINT)
        assert first.wait(30) == 0
        ask_and_send(slack)
        second.signal(signal.SIGTERM)
        assert second.wait(30) == 0
        for running in (first, second):
            assert "stopped" in running.said()
    assert not [pid for pid in theirs if Path(f"/proc/{pid}").exists()]
    # What uv locks while it looks for MiniStack's environment is uv's.
    left = {path.name for path in tmp_path.iterdir() if not path.name.startswith("uv-")}
    assert left == {"first.log", "second.log"}
