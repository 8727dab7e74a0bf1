"""The bot as a process: the real one, told where Slack and AWS are and nothing else."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local.process import Child, child

ROOT = Path(__file__).parent.parent


#: Seconds that a bot may take to stop: it finishes what is in hand.
PATIENCE = 30


@contextmanager
def running(env: Mapping[str, str], *, log: Path) -> Iterator[Child]:
    """Start `bot.py` with this environment, wait until it is ready, and stop it in the end."""
    command = [sys.executable, str(ROOT / "bot.py")]
    with child("the bot", command, env=environment(env), log=log, patience=PATIENCE) as bot:
        wait_until_ready(bot)
        yield bot


def environment(env: Mapping[str, str]) -> dict[str, str]:
    """Nothing else than `env` is told to it; a `.env` that lies here is for another installation."""
    return {**env, "PYTHON_DOTENV_DISABLED": "1", "AWS_EC2_METADATA_DISABLED": "true"}


def wait_until_ready(bot: Child) -> None:
    """Wait until it serves. Raises `ChildError` if it does not."""
    bot.wait_for(r"ready as ", seconds=20)
