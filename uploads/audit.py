"""Who did what with which link: a line in the log, and an entry in the link's history."""

import json
import logging
from collections.abc import Callable
from datetime import datetime

from uploads.links import Verdict
from uploads.records import Act, Records

log = logging.getLogger("audit")

#: What a scan is called in the history of a link.
JUDGED = {
    Verdict.CLEAN: "scanned_clean",
    Verdict.INFECTED: "scanned_infected",
    Verdict.UNKNOWN: "scanned_unknown",
    Verdict.FAILED: "scanned_failed",
}


class Audit:
    """Keeps account. `now` is the clock, in UTC; `count` is told of every act."""

    def __init__(
        self, records: Records, now: Callable[[], datetime], count: Callable[[str], None]
    ) -> None:
        self._records = records
        self._now = now
        self._count = count

    def act(self, what: str, who: str, detail: str = "") -> Act:
        """Something that is done now: `who` is a Slack user, or "" for somebody outside."""
        return Act(what, who, self._now(), detail)

    def note(self, reference: str, what: str, who: str, detail: str = "") -> None:
        """Account for an act that changes nothing in the records. As `act`."""
        act = self.act(what, who, detail)
        self._records.remember(reference, act)
        self.log(reference, act)

    def log(self, reference: str, act: Act) -> None:
        """Write only the line: for what the records tell already, or where there is no link."""
        said = {"act": act.what, "link": reference, "who": act.who, "detail": act.detail}
        said = {name: value for name, value in said.items() if value}
        log.info("%s", json.dumps(said), extra={"fields": {"audit": said}})
        self._count(act.what)
