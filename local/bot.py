"""The bot as a process: the real one, told where Slack and AWS are and nothing else."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local.process import Child, child

ROOT = Path(__file__).parent.parent


@contextmanager
def running(env: Mapping[str, str], *, log: Path) -> Iterator[Child]:
    """Start `bot.py` with this environment, wait until it is ready, and stop it in the end.

    A `.env` that lies here for another installation is not read.
    """
    told = {**env, "PYTHON_DOTENV_DISABLED": "1", "AWS_EC2_METADATA_DISABLED": "true"}
    command = [sys.executable, str(ROOT / "bot.py")]
    with child("the bot", command, env=told, log=log, patience=30) as bot:
        bot.wait_for(r"ready as ", seconds=20)
        yield bot
