"""Child processes that never outlive us."""

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

_PR_SET_PDEATHSIG = 1

#: The parts of our environment that a child may see. Everything else is told
#: to it in so many words, so that no AWS profile or Slack token slips in.
_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "UV", "UV_CACHE_DIR", "UV_LINK_MODE", "VIRTUAL_ENV")


class ChildError(Exception):
    """A child did not come up. The text ends with what it said last."""


class Process(Protocol):
    """What is asked of a `subprocess.Popen`, here and in the tests."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def send_signal(self, sig: int, /) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


class Child:
    """A running child and what it has printed so far, kept in a file."""

    def __init__(self, process: Process, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    def said(self) -> str:
        """Everything it has printed."""
        return self.log.read_text(errors="replace")

    def wait_for(self, pattern: str, seconds: float) -> "re.Match[str]":
        """Wait until it prints a line with `pattern`. Raises `ChildError` if it does not."""
        until = time.monotonic() + seconds
        while not (found := re.search(pattern, self.said(), re.MULTILINE)):
            self.check()
            if time.monotonic() > until:
                raise ChildError(f"{self.name} is not ready yet:\n{self._last_words()}")
            time.sleep(0.02)
        return found

    def check(self) -> None:
        """Raise `ChildError` if it has ended."""
        if (status := self._process.poll()) is not None:
            raise ChildError(f"{self.name} ended with {status}:\n{self._last_words()}")

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def wait(self, seconds: float) -> int:
        """Its exit status, once it has ended. Raises `subprocess.TimeoutExpired`."""
        return self._process.wait(seconds)

    def stop(self, seconds: float) -> None:
        """End it: kindly at first, and surely after `seconds`."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGKILL)
                self._process.wait()

    def _last_words(self) -> str:
        return "\n".join(self.said().splitlines()[-20:])


@contextmanager
def child(
    name: str,
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    patience: float = 10,
) -> Iterator[Child]:
    """Run a command until the context ends; then give it `patience` seconds to stop.

    It has a session of its own, so that Ctrl-C reaches us alone and things end
    in order, and dies with us if we are killed (on Linux).
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env={**inherited(), **env, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent if sys.platform == "linux" else None,
        )
    running = Child(process, name, log)
    try:
        yield running
    finally:
        running.stop(patience)


def inherited() -> dict[str, str]:
    """What a child may see of our environment."""
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent dies. Linux only."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
