"""Who did what with which link: a line in the log, and an entry in the link's history."""

import json
import logging
from collections.abc import Callable
from datetime import datetime

from uploads.records import Act, Records

log = logging.getLogger("audit")


class Audit:
    """Keeps account. `now` is the clock, in UTC."""

    def __init__(self, records: Records, now: Callable[[], datetime]) -> None:
        self._records = records
        self._now = now

    def note(self, reference: str, what: str, who: str, detail: str = "") -> None:
        """Account for an act: `who` is a Slack user, or "" for somebody outside."""
        self._records.remember(reference, Act(what, who, self._now(), detail))
        self.log(reference, what, who, detail)

    def log(self, reference: str, what: str, who: str, detail: str = "") -> None:
        """Write only the line: for what the records tell anyway, or where there is no link."""
        said = {"act": what, "link": reference, "who": who, "detail": detail}
        log.info("%s", json.dumps({name: value for name, value in said.items() if value}))
