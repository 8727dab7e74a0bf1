"""The log: a line for each event, and no secret in any, whoever wrote it.

Libraries put into an error what they were about to do: the address of a socket
with its ticket, a signed URL. So what leaves the process is filtered, and not
what goes in.
"""

import logging
import re

_SECRETS = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+"  # Slack's tokens
    r"|(?<=ticket=)[^&\s'\"]+"  # the right to open a socket
    r"|(?<=hooks.slack.com/)[^\s'\"]+|(?<=/hooks/)[^\s'\"]+"  # the right to answer
    r"|(?<=X-Amz-Signature=)\w+|(?<=X-Amz-Security-Token=)[^&\s'\"]+"
    r"|(?<=s3_url=)[^\s'\"]+"
)


class Discreet(logging.Formatter):
    """Formats as always, and then blots out what must not be read."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's line or lines, tracebacks included."""
        return _SECRETS.sub("…", super().format(record))


def start() -> None:
    """Log to standard error, from INFO on."""
    handler = logging.StreamHandler()
    handler.setFormatter(Discreet("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("botocore").setLevel(logging.WARNING)
    # Bolt finds SLACK_BOT_TOKEN in the environment by itself, and then warns
    # that our client, which has it already, is used instead.
    logging.getLogger("slack_bolt.AsyncApp").addFilter(
        lambda record: "`token` will be unused" not in record.getMessage()
    )
