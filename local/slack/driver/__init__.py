"""Act as people in the local Slack, and read what they see and what the app called.

    with running() as slack:
        slack.command("Q3 report", user="ann", channel="general")
        slack.wait_for("Your upload link", user="ann", channel="general")

People are named by handle (`ann`, `kenji`, `mei`), channels by name (`general`)
or, for direct messages, by the other person (`@kenji`, `@upload-link`).
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local.process import child
from local.slack import seed
from local.slack.driver.acting import Acting
from local.slack.driver.seen import Call, Interaction, NotSeen, words
from local.slack.driver.staging import Staging
from local.slack.driver.watching import Watching
from local.slack.driver.wire import Refused

__all__ = ["Call", "Interaction", "NotSeen", "Refused", "Slack", "running", "words"]


class Slack(Acting, Watching, Staging):
    """A running local Slack."""

    @property
    def bot_env(self) -> Mapping[str, str]:
        """What the bot must be told to use this Slack in Socket Mode."""
        return {
            "SLACK_API_URL": f"{self.url}/api/",
            "SLACK_BOT_TOKEN": seed.BOT_TOKEN,
            "SLACK_APP_TOKEN": seed.APP_TOKEN,
        }


@contextmanager
def running(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    ack_seconds: float | None = None,
    manifest: Path | None = None,
) -> Iterator[Slack]:
    """Run a local Slack of your own in a separate process, until the context ends.

    The app is what `manifest` says; without one, what the repository's says.
    Raises `local.process.ChildError` if it does not come up.
    """
    command = [sys.executable, "-m", "local.slack", "--host", host, "--port", str(port)]
    command += ["--ack-seconds", str(ack_seconds)] if ack_seconds else []
    command += ["--manifest", str(manifest)] if manifest else []
    root = str(Path(__file__).parents[3])
    with (
        tempfile.TemporaryDirectory(prefix="local-slack-") as folder,
        child(
            "the local Slack",
            command,
            env={"PYTHONPATH": root},
            log=Path(folder) / "slack.log",
        ) as process,
    ):
        ready = process.wait_for(r'^\{"url": "(.+)"\}$', seconds=20)
        yield Slack(ready[1])
