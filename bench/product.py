"""The whole product, running: the real bot between the local Slack and the local AWS."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local import aws, bot
from local.slack import driver


@contextmanager
def running() -> Iterator[tuple[aws.Aws, driver.Slack]]:
    """Start it with the template's permissions only, as the demo does."""
    with (
        tempfile.TemporaryDirectory() as folder,
        aws.running() as local_aws,
        driver.running() as slack,
        bot.running({**local_aws.bot_env, **slack.bot_env}, log=Path(folder, "bot.log")),
    ):
        slack.wait_for_connections()
        yield local_aws, slack
