"""What a figure says when it is measured: rows for a table, and whether its goals were met."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table. `met` is None where the number is told for comparison only."""

    label: str
    measured: str
    n: int | None = None
    goal: str = ""
    met: bool | None = None

    @property
    def missed(self) -> bool:
        """Whether the bench must fail."""
        return self.met is False

    @property
    def verdict(self) -> str:
        """The last column."""
        if self.met is None:
            return ""
        return "PASS" if self.met else "MISS"


def table(title: str, rows: Sequence[Row]) -> str:
    """The rows under their title, in columns."""
    lines = [f"{title:<42}{'measured':<36}{'n':>5}  goal"]
    for row in rows:
        count = "" if row.n is None else str(row.n)
        line = f"  {row.label:<40}{row.measured:<36}{count:>5}  {row.goal:<14}{row.verdict}"
        lines.append(line.rstrip())
    return "\n".join(lines)


def spread(values: Sequence[float], unit: str, digits: int = 0) -> str:
    """`min / median / max unit`, with no more digits than were measured."""
    numbers = (min(values), statistics.median(values), max(values))
    return f"{' / '.join(f'{number:,.{digits}f}' for number in numbers)} {unit}"


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest measured value that `percent` of all values do not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(percent / 100 * len(values)) - 1)]


def tail(values: Sequence[float], unit: str) -> str:
    """`p50 / p99 unit`."""
    return f"p50 {percentile(values, 50):,.0f}   p99 {percentile(values, 99):,.0f} {unit}"


def at_most(label: str, value: float, limit: float, *, n: int | None = None) -> Row:
    """A ratio with an upper goal."""
    return Row(label, f"{value:.2f}", n, f"≤ {limit:.2f}", value <= limit)


def at_least(label: str, value: float, limit: float, *, n: int | None = None) -> Row:
    """A ratio with a lower goal."""
    return Row(label, f"{value:.2f}", n, f"≥ {limit:.2f}", value >= limit)
