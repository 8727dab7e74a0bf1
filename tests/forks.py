"""Bots that start in less than half the time: forked from a process that has imported them.

A bot spends most of its start on importing. The suite starts some fifty of
them with settings of their own, and one of each test process as everybody
does, by `python bot.py`.
"""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

from local.bot import PATIENCE, environment, wait_until_ready
from local.process import Child, inherited

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["bot"])


@contextmanager
def running(env: Mapping[str, str], *, log: Path) -> Iterator[Child]:
    """As `local.bot.running`."""
    told = {**inherited(), **environment(env)}
    forked = _CONTEXT.Process(target=_run, args=(told, str(log)))
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
    os.environ.clear()
    os.environ.update(env)
    os.setsid()
    output = os.open(log, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(output, number)

    import bot

    sys.exit(bot.main())


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
        with suppress(ProcessLookupError):  # it has ended by itself
            os.kill(self.pid, number)

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if (status := self.poll()) is None:
            raise subprocess.TimeoutExpired("bot", timeout or 0)
        return status
