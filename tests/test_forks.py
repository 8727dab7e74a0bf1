"""What test processes and bots are: forks that are like `python -c`."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import forks
import pytest


@pytest.fixture(autouse=True)
def _served() -> Iterator[None]:
    with forks.running():
        yield


def forked(code: str, said: Path, **env: str) -> forks.Forked:
    with said.open("w") as output, Path("/dev/null").open() as nothing:
        files = nothing.fileno(), output.fileno(), output.fileno()
        return forks.Forked(code, env, files)


def test_a_fork_is_as_python_would_be(tmp_path: Path) -> None:
    """What it is told, what it says, and how it ends; also what it does besides."""
    code = """
import json, os, sys, threading, time
print(json.dumps([sys.argv, dict(os.environ), os.getcwd(), sys.stdin.read()]))
threading.Thread(target=lambda: (time.sleep(0.1), print("done"))).start()
sys.exit(3)
"""
    assert forked(code, tmp_path / "said", TOLD="決算").wait(10) == 3
    said, done = (tmp_path / "said").read_text().splitlines()
    assert json.loads(said) == [["-c"], {"TOLD": "決算"}, str(Path.cwd()), ""]
    assert done == "done"


def test_what_nobody_catches_is_told(tmp_path: Path) -> None:
    """A traceback, a sentence, and exit status 1."""
    assert forked("1 / 0", tmp_path / "error").wait(10) == 1
    assert "ZeroDivisionError" in (tmp_path / "error").read_text()
    assert forked("raise SystemExit('No.')", tmp_path / "sentence").wait(10) == 1
    assert (tmp_path / "sentence").read_text() == "No.\n"


def test_signals_reach_it(tmp_path: Path) -> None:
    """One that it ends by is its exit status, as with `subprocess`."""
    fork = forked("import signal; print('here', flush=True); signal.pause()", tmp_path / "said")
    while not (tmp_path / "said").read_text():
        time.sleep(0.01)
    assert fork.poll() is None
    fork.send_signal(signal.SIGTERM)
    assert fork.wait(10) == -signal.SIGTERM
    fork.send_signal(signal.SIGTERM)  # it is nobody's any more


def test_what_starts_a_thread_is_not_forked_from(tmp_path: Path) -> None:
    """A fork would be without it, and wait for it for ever."""
    careless = tmp_path / "test_careless.py"
    careless.write_text(
        "import threading\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        "def test(): pass\n"
    )
    server = Path(forks.__file__).with_name("fork_server.py")
    done = subprocess.run(
        [sys.executable, server, "0", careless],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "starts a thread" in done.stderr
