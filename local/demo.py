"""`make demo`: the whole product on one machine, with no account of any kind."""

import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from cloud.modules import PageError
from cloud.stack import StackError
from local import aws, bot
from local.process import Child, ChildError
from local.slack import driver as slack
from local.steps import step


def main() -> int:
    """Start everything, say where to look, and wait for Ctrl-C."""
    # A closed terminal or a `kill` must stop the children just as Ctrl-C does, and
    # Ctrl-C must too where a shell has started us deaf to it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            watch(start(stack))
    except KeyboardInterrupt:
        _say("\nstopped")
    except (ChildError, StackError, PageError) as error:
        _say(f"\n{error}")
        return 1
    return 0


def start(stack: ExitStack) -> Child:
    """Start AWS, Slack and the bot, to be stopped with the stack. Returns the bot."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="upload-link-")))
    local_aws = stack.enter_context(aws.running(progress=_say))
    with step("local Slack", _say):
        local_slack = stack.enter_context(slack.running())
    with step("the bot, with the template's permissions only", _say):
        env = {**local_aws.bot_env, **local_slack.bot_env}
        running = stack.enter_context(bot.running(env, log=folder / "bot.log"))
    _say(
        f"\n  Open  {local_slack.url}  and type  /upload-link Q3 report from Acme\n\n"
        f"  What the bot logs: {running.log}\n"
        "  Ctrl-C stops everything; nothing is kept."
    )
    return running


def watch(running: Child) -> None:
    """Return never; raise `ChildError` if the bot ends by itself."""
    while True:
        running.check()
        time.sleep(0.5)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
