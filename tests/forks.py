"""Bots that start in less than half the time: forked from a process that has imported them.

A bot spends most of its start on importing, and the suite starts some eighty
of them; one more as everybody does, by `python bot.py`. They are imported where
pytest runs, which has to be the repository's root.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from local.bot import PATIENCE, environment, wait_until_ready
from local.process import Child, inherited

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.warm"])


@contextmanager
def running(env: Mapping[str, str], *, log: Path) -> Iterator[Child]:
    """As `local.bot.running`."""
    told = {**inherited(), **environment(env)}
    forked = _CONTEXT.Process(target=_run, args=(told, str(log)), daemon=True)
    log.touch()
    forked.start()
    bot = Child(_Forked(forked), "the bot", log)
    try:
        wait_until_ready(bot)
        yield bot
    finally:
        bot.stop(PATIENCE)


def _run(env: dict[str, str], log: str) -> None:
    """Be the bot, as `python bot.py` would be with this environment and nothing besides."""
    threading.Thread(target=_die_with_parent, daemon=True).start()
    os.environ.clear()
    os.environ.update(env)
    os.setsid()
    output = os.open(log, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(output, number)

    import bot

    sys.exit(bot.main())


def _die_with_parent() -> None:
    """As `local.process` sees to, where the kernel's parent is the server that forks."""
    parent = multiprocessing.parent_process()
    assert parent
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGKILL)


class _Forked:
    """What `Child` asks of a `subprocess.Popen`."""

    def __init__(self, process: BaseProcess) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        assert self._process.pid
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: int, /) -> None:
        if self.poll() is None:  # nobody else has its number until it is asked
            with suppress(ProcessLookupError):  # it may have ended without our being told yet
                os.kill(self.pid, number)

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if (status := self.poll()) is None:
            raise subprocess.TimeoutExpired("bot", timeout or 0)
        return status
