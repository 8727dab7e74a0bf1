"""What a person sees of an examination, or a machine reads of it."""

import json
import sys
import time
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from cloud.doctor.finding import FAILURES, Finding, Verdict

_MARKS = {
    Verdict.OK: ("✓", "green"),
    Verdict.WARNING: ("!", "yellow"),
    Verdict.BAD: ("✗", "red"),
    Verdict.UNSEEN: ("?", "red"),
    Verdict.SKIPPED: ("–", "dim"),
}


class Report:
    """Takes findings as they come: a line for each, plain where nobody looks, or JSON in the end."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._console = Console(highlight=False, soft_wrap=True)
        self._findings: list[Finding] = []
        self._started = time.monotonic()

    def note(self, finding: Finding) -> None:
        """One more."""
        self._findings.append(finding)
        if not self._as_json:
            self._console.print(_line(finding))

    def end(self) -> bool:
        """Sum up. Whether the installation is healthy."""
        seconds = time.monotonic() - self._started
        wrong = [f.check for f in self._findings if f.verdict in FAILURES]
        if self._as_json:
            told = [asdict(f) | {"seconds": round(f.seconds, 2)} for f in self._findings]
            whole = {"healthy": not wrong, "seconds": round(seconds, 2), "findings": told}
            sys.stdout.write(json.dumps(whole, ensure_ascii=False, indent=2) + "\n")
        else:
            number = len(self._findings)
            took = f"{number} {'check' if number == 1 else 'checks'} in {seconds:.1f} s"
            said = f"Not healthy: {', '.join(wrong)}" if wrong else "Healthy"
            style = "bold red" if wrong else "bold green"
            self._console.print(Text(f"{said} ({took})", style))
        return not wrong


def _line(finding: Finding) -> Text:
    mark, style = _MARKS[finding.verdict]
    failed = finding.verdict in FAILURES
    said = Text("  ").append(f"{mark} ", style).append(finding.check, "bold" if failed else "")
    said.append(f"  {finding.tried}: ", "dim").append(finding.result, style if failed else "")
    if finding.seconds >= 1:
        said.append(f"  {finding.seconds:.1f} s", "dim")
    if finding.cure:
        said.append(f"\n      → {finding.cure}", "yellow")
    return said
