"""Misbehaviour on demand: what Slack does on its bad days."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "drop_reply",
    "garbled",
    "hang",
    "http_429",
    "http_500",
    "http_502",
    "http_503",
    "http_504",
    "ratelimited",
    "slow",
    "error",
]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(slots=True)
class Fault:
    """One way to misbehave, `times` over.

    `drop_reply` does what was asked, then closes without an answer; `garbled`
    does it and answers with half of the JSON; `http_504` does it while a proxy
    answers in its place; `slow` does it and answers `seconds` later. `hang` does
    nothing and closes after `seconds`. The others refuse and do nothing,
    `http_429` and `http_502` as a proxy does, which knows no JSON. `method` is a
    Web API method, `response_url`, or `*` for any.
    """

    method: str
    kind: Kind
    times: int = 1
    seconds: float = 1.0
    retry_after: int = 1
    error: str = "internal_error"


class Faults:
    """What was ordered and has not happened yet."""

    def __init__(self) -> None:
        self._ordered: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Misbehave from the next fitting call on. Raises `ValueError` for an unknown kind."""
        if fault.kind not in KINDS:
            raise ValueError(f"unknown kind {fault.kind}: one of {', '.join(KINDS)}")
        self._ordered.append(fault)

    def clear(self) -> None:
        """Behave again."""
        self._ordered.clear()

    def due(self, method: str) -> Fault | None:
        """The fault of this call, if one was ordered; it counts as done."""
        for fault in self._ordered:
            if fault.method in {method, "*"} and fault.times > 0:
                fault.times -= 1
                return fault
        return None
