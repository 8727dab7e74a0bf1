"""What can be made to go wrong at the local AWS, one request at a time.

No emulator throttles, races or breaks off, and S3 does all three. Both ends of
the wire share this: `Faults` posts a fault as JSON to `/_faults` of the local
AWS, and the guard there carries it out.
"""

import json
import re
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from local.loopback import request

#: Where the guard takes orders: POST one fault, GET what is left of all, DELETE all.
CONTROL_PATH = "/_faults"

What = Literal["answer", "amend", "lose answer", "hang up", "slow"]


@dataclass(kw_only=True)
class Fault:
    """The next `times` requests that fit get `what` instead of an honest answer; `skip` before do.

    With `every`, only each `every`-th request that fits counts, and suffers it.

    A request fits by its method ("" is any), by its path (a regular expression,
    found anywhere in it) and, for JSON services, by its `X-Amz-Target`.

    - `answer`: nothing is done, and S3's or DynamoDB's error `code` is the answer.
    - `amend`: all is done, and the answer has these `headers` in place of its own ("" is none),
      and this `status`, unless that is 0.
    - `lose answer`: all is done, and the connection ends before the answer.
    - `hang up`: the connection is cut once `after` bytes of the body were taken.
    - `slow`: the body is taken at `rate` bytes per second.
    """

    what: What
    method: str = ""
    path: str = ""
    target: str = ""
    times: int = 1
    skip: int = 0
    every: int = 1
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


@dataclass(frozen=True, slots=True)
class Faults:
    """What is to go wrong next; see `Fault` for the words."""

    endpoint: str

    def add(self, *, method: str = "", path: str = "", times: int = 1, **error: Any) -> None:
        """Answer with an error (`status`, `code`, `message`, `headers`) and do nothing."""
        self._post(Fault(what="answer", method=method, path=path, times=times, **error))

    def lose_answer(
        self, *, method: str = "", path: str = "", target: str = "", times: int = 1
    ) -> None:
        """Do what is asked, and end the connection without an answer.

        A browser that had used the connection before sends the request once
        more by itself, and the page only sees what comes of that. With `times=2`
        the page sees the loss.
        """
        self._post(Fault(what="lose answer", method=method, path=path, target=target, times=times))

    def amend(self, *, method: str = "", path: str = "", times: int = 1, **how: Any) -> None:
        """Do what is asked, and answer with other `headers`, or with another `status`."""
        how.setdefault("status", 0)
        self._post(Fault(what="amend", method=method, path=path, times=times, **how))

    def hang_up(self, *, method: str = "", path: str = "", times: int = 1, after: int = 0) -> None:
        """Cut the connection after so many bytes of the body; a browser may send again, as above."""
        self._post(Fault(what="hang up", method=method, path=path, times=times, after=after))

    def slow(
        self,
        *,
        rate: int,
        method: str = "",
        path: str = "",
        target: str = "",
        times: int = 1,
        skip: int = 0,
    ) -> None:
        """Take the body at `rate` bytes per second, after `skip` others."""
        self._post(
            Fault(
                what="slow",
                method=method,
                path=path,
                target=target,
                times=times,
                skip=skip,
                rate=rate,
            )
        )

    def left(self) -> list[dict[str, Any]]:
        """The faults that have not happened yet."""
        left: list[dict[str, Any]] = json.loads(self._control("GET"))
        return left

    def wait_until_begun(self, *, seconds: float = 10.0) -> None:
        """Wait until every fault has met its requests. Raises `TimeoutError`."""
        until = time.monotonic() + seconds
        while left := self.left():
            if time.monotonic() > until:
                raise TimeoutError(f"nothing has met these faults: {left}")
            time.sleep(0.02)

    def clear(self) -> None:
        """Let nothing more go wrong."""
        self._control("DELETE")

    def _post(self, fault: Fault) -> None:
        self._control("POST", json.dumps(asdict(fault)))

    def _control(self, method: str, body: str = "") -> bytes:
        return request(method, self.endpoint + CONTROL_PATH, body=body).body
