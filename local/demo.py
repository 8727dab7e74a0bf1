"""`make demo`: the whole product on one machine, with no account of any kind."""

import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from local import aws, bot
from local.process import ChildError
from local.slack import driver as slack


def main() -> int:
    """Start everything, say where to look, and wait for Ctrl-C."""
    # A closed terminal or a `kill` must stop the children just as Ctrl-C does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="upload-link-")))
            local_aws = stack.enter_context(aws.running(progress=_say))
            with _step("local Slack"):
                local_slack = stack.enter_context(slack.running())
            with _step("the bot, with the template's permissions only"):
                env = {**local_aws.bot_env, **local_slack.bot_env}
                stack.enter_context(bot.running(env, log=folder / "bot.log"))
            _say(
                f"\n  Open  {local_slack.url}  and type  /upload-link Q3 report from Acme\n\n"
                "  Ctrl-C stops everything; nothing is kept."
            )
            while True:
                signal.pause()
    except KeyboardInterrupt:
        _say("\nstopped")
        return 0
    except ChildError as error:
        _say(f"\n{error}")
        return 1


@contextmanager
def _step(what: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    _say(f"  ✓ {what} ({time.monotonic() - started:.1f} s)")


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
