"""The log: a line for each event, and no secret in any, whoever wrote it.

Libraries put into an error what they were about to do: the address of a socket
with its ticket, a signed URL. So what leaves the process is filtered, and not
what goes in.
"""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from handlers import about

_SECRETS = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+"  # Slack's tokens
    r"|(?<=ticket=)[^&\s'\"]+"  # the right to open a socket
    r"|(?<=hooks.slack.com/)[^\s'\"]+|(?<=/hooks/)[^\s'\"]+"  # the right to answer
    r"|(?<=X-Amz-Signature=)\w+|(?<=X-Amz-Security-Token=)[^&\s'\"]+"
    r"|(?<=s3_url=)[^\s'\"]+"
)


class Discreet(logging.Formatter):
    """For people: formats as always, and then blots out what must not be read."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's line or lines, tracebacks included."""
        known = (about.request.get(), about.link.get())
        record.about = "".join(f" [{one}]" for one in known if one)
        return _SECRETS.sub("…", super().format(record))


class DiscreetJson(logging.Formatter):
    """For machines: one JSON object a line, whatever is in it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record, with what it is about; an audit line with its fields."""
        fields = getattr(record, "fields", {})
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request": about.request.get(),
            "link": about.link.get(),
            "message": "" if fields else record.getMessage(),
            "error": self.formatException(record.exc_info) if record.exc_info else "",
            **fields,
        }
        return json.dumps({name: _discreet(value) for name, value in said.items() if value})


def _discreet(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _discreet(one) for name, one in value.items()}
    return _SECRETS.sub("…", value) if isinstance(value, str) else value


FORMATS = ("text", "json")


def start(format_: str = "text") -> None:
    """Log to standard error, from INFO on, in one of the `FORMATS`. May be repeated."""
    handler = logging.StreamHandler()
    if format_ == "json":
        handler.setFormatter(DiscreetJson())
    else:
        handler.setFormatter(Discreet("%(asctime)s %(levelname)s %(name)s%(about)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("botocore").setLevel(logging.WARNING)
    # Bolt finds SLACK_BOT_TOKEN in the environment by itself, and then warns
    # that our client, which has it already, is used instead.
    logging.getLogger("slack_bolt.AsyncApp").addFilter(_no_news)


def _no_news(record: logging.LogRecord) -> bool:
    return "`token` will be unused" not in record.getMessage()
