"""What a person sees of a deployment, and is asked."""

import sys
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from cloud.stack import Change, Event

_ACTIONS = {
    "Add": ("+", "new", "green"),
    "Import": ("↺", "taken over", "green"),
    "Modify": ("~", "changed", "yellow"),
    "Remove": ("-", "deleted", "red"),
    "Dynamic": ("?", "not known beforehand", "red"),
}


class Terminal:
    """Speaks plainly where nobody looks, and in colours, with a moving bar, where somebody does."""

    def __init__(self, *, yes: bool = False, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._yes = yes

    def say(self, text: str, style: str = "") -> None:
        """A line, in which nothing is markup."""
        self._console.print(Text(text, style))

    @contextmanager
    def step(self, doing: str, done: str) -> Iterator[None]:
        """Say what is being done, and once it is done, how long it took."""
        started = time.monotonic()
        with self._console.status(Text(doing)):
            yield
        self._done(done, time.monotonic() - started)

    def ask(self, question: str) -> bool:
        """Whether a person says yes. Where there is nobody to ask, the answer is no."""
        if self._yes:
            return True
        return self._answer(f"{question} [y/N] ").lower() in {"y", "yes"}

    def ask_for(self, question: str, word: str) -> bool:
        """Whether a person types this very word. `yes` does not answer that."""
        return self._answer(f"{question} ") == word

    def _answer(self, question: str) -> str:
        if not sys.stdin.isatty():
            self.say(f"{question}— nobody is there to answer, so: no.")
            return ""
        return self._console.input(Text(question)).strip()

    def changes(self, changes: Iterable[Change]) -> None:
        """A table of what would happen to each resource."""
        table = Table(box=None, pad_edge=False, show_header=False)
        for change in sorted(changes, key=lambda change: (change.action, change.resource)):
            sign, what, style = _ACTIONS[change.action]
            if change.destroys and change.action == "Modify":
                may = "may be" if change.replacement == "Conditional" else "is"
                sign, what, style = "±", f"{may} replaced", "red"
            if change.destroys and change.keeps:
                what += "; the old one is kept, outside the stack"
            table.add_row(
                Text(f"  {sign} {change.resource}", style), Text(change.type, "dim"), Text(what)
            )
        self._console.print(table)

    def inside(self, bucket: str, changes: Collection[Change]) -> None:
        """What would happen to rules in a bucket that is not the stack's own, if anything would."""
        if changes:
            self.say(f"  In {bucket}, where all else stays as it is:")
            self.changes(changes)

    def follow(self, what: str, events: Iterable[Event], total: int) -> None:
        """Show an operation on `total` resources while it runs, and each that is finished."""
        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[now]}"),
        )
        progress = Progress(
            TextColumn("{task.description}"),
            *columns,
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        started: dict[str, float] = {}
        with progress:
            task = progress.add_task(what, total=total or None, now="")
            for event in events:
                begun = started.setdefault(event.resource, event.at.timestamp())
                progress.update(task, now=f"{event.resource} {event.status}")
                if event.failed:
                    self.say(f"  ✗ {event.resource}: {event.reason}", "red")
                elif event.status.endswith("_COMPLETE"):
                    progress.advance(task)
                    self._done(event.resource, event.at.timestamp() - begun)

    def _done(self, what: str, seconds: float) -> None:
        self._console.print(Text("  ✓ ", "green") + Text(what) + Text(f"  {seconds:.0f} s", "dim"))
