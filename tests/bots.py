"""Bots that start in less than half the time: forked from a process that has imported them.

A bot spends most of its start on importing, and the suite starts some eighty
of them; one more as everybody does, by `python bot.py`, where an import that is
missing would be missed.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from botocore import session
from forks import Forked

import bot
from local import clients
from local.bot import PATIENCE, environment, wait_until_ready
from local.process import Child, inherited


@contextmanager
def running(env: Mapping[str, str], *, log: Path) -> Iterator[Child]:
    """As `local.bot.running`."""
    told = {**inherited(), **environment(env)}
    with log.open("wb") as output, Path(os.devnull).open("rb") as nothing:
        files = nothing.fileno(), output.fileno(), output.fileno()
        forked = Child(Forked("import bots; bots.main()", told, files), "the bot", log)
    try:
        wait_until_ready(forked)
        yield forked
    finally:
        forked.stop(PATIENCE)


def prepare() -> None:
    """Do for all of them what each would do: read what AWS's services are like."""
    for service in ("dynamodb", "s3", "sqs"):
        clients.session("", "", region="eu-central-1").client(service)


def main() -> NoReturn:
    """Be the bot, as `python bot.py` would be with this environment."""
    os.setsid()  # so that Ctrl-C reaches whoever started it alone
    # A bot makes clients of its own, from files that are the same for all of them.
    session.create_loader = lambda *_: clients.files()
    sys.exit(bot.main())
