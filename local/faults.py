"""What can be made to go wrong at the local AWS, one request at a time.

No emulator throttles, races or breaks off, and S3 does all three. Both ends of
the wire share this: `local.aws.Faults` posts a fault as JSON to `/_faults` of
the local AWS, and the guard there carries it out.
"""

import re
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

#: Where the guard takes orders: POST one fault, GET what is left of all, DELETE all.
CONTROL_PATH = "/_faults"

What = Literal["answer", "lose answer", "hang up", "slow"]


@dataclass(kw_only=True)
class Fault:
    """The next `times` requests that fit get `what` instead of an honest answer.

    A request fits by its method ("" is any), by its path (a regular expression,
    found anywhere in it) and, for JSON services, by its `X-Amz-Target`.

    - `answer`: nothing is done, and S3's or DynamoDB's error `code` is the answer.
    - `lose answer`: all is done, and the connection ends before the answer.
    - `hang up`: the connection is cut once `after` bytes of the body were taken.
    - `slow`: the body is taken at `rate` bytes per second.
    """

    what: What
    method: str = ""
    path: str = ""
    target: str = ""
    times: int = 1
    status: int = 503
    code: str = "SlowDown"
    message: str = "Please reduce your request rate."
    headers: dict[str, str] = field(default_factory=dict)
    after: int = 0
    rate: int = 0

    def fits(self, method: str, path: str, target: str) -> bool:
        """Whether this request is the next to suffer it."""
        return (
            self.times > 0
            and self.method in {"", method}
            and re.search(self.path, path) is not None
            and re.search(self.target, target) is not None
        )

    def as_json(self) -> dict[str, Any]:
        """What travels over the wire; `Fault(**…)` is the way back."""
        return asdict(self)
