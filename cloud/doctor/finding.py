"""What the doctor finds: one line for each thing that was tried."""

from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a line says of the installation."""

    OK = "ok"
    WARNING = "warning"  #: works, and somebody should know
    BAD = "bad"
    UNSEEN = "unseen"  #: could not be looked at, so nobody may call it healthy
    SKIPPED = "skipped"  #: not asked for, or of no use after what was found before


#: Verdicts with which an installation is not healthy.
FAILURES = frozenset({Verdict.BAD, Verdict.UNSEEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line: `check` is its name for machines, `seconds` what it took."""

    check: str
    tried: str
    verdict: Verdict
    result: str
    cure: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Check:
    """Something to try, by its name and in words, and the findings it may come to."""

    name: str
    tried: str

    def ok(self, result: str) -> Finding:
        return self._found(Verdict.OK, result)

    def warning(self, result: str, cure: str) -> Finding:
        return self._found(Verdict.WARNING, result, cure)

    def bad(self, result: str, cure: str) -> Finding:
        return self._found(Verdict.BAD, result, cure)

    def unseen(self, result: str, cure: str) -> Finding:
        return self._found(Verdict.UNSEEN, result, cure)

    def skipped(self, result: str) -> Finding:
        return self._found(Verdict.SKIPPED, result)

    def judged(self, wrong: str, good: str, cure: str) -> Finding:
        """Bad where there is something `wrong`, and otherwise ok."""
        return self.bad(wrong, cure) if wrong else self.ok(good)

    def _found(self, verdict: Verdict, result: str, cure: str = "") -> Finding:
        return Finding(check=self.name, tried=self.tried, verdict=verdict, result=result, cure=cure)


#: What a part of the examination finds. It is closed however it ends, and takes away what it put.
Findings = Generator[Finding, None, None]
