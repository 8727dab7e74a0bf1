"""The bot's `.env`: what a deployment knows goes in, and what a person wrote stays as it is."""

import io
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

EXAMPLE = Path(__file__).parent.parent / ".env.example"

_BEGIN = "# --- Kept up to date by `python bot.py deploy` ---"
_END = "# --- end ---"


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the settings: whether the file changed, and those it has of somebody else."""

    changed: bool
    kept: Mapping[str, str]


def write(path: Path, settings: Mapping[str, str]) -> Written:
    """Put settings into a block of their own at the end of the file, which is made if need be.

    A value that somebody has set above the block is theirs and stays, and is
    named in the answer where ours would be another. The file is replaced as a
    whole, readable by its owner alone: it holds tokens. A link to it stays one.
    """
    path = path.resolve()
    before = path.read_text() if path.exists() else None
    theirs = _without_block(EXAMPLE.read_text() if before is None else before)
    values = _values(theirs)
    ours = {name: value for name, value in settings.items() if not values.get(name)}
    lines = [_BEGIN, *(f"{name}={value}" for name, value in ours.items()), _END]
    after = f"{theirs.rstrip()}\n\n" + "\n".join(lines) + "\n"
    if after != before:
        _replace(path, after)
    other = {name: values[name] for name in settings if values.get(name)}
    return Written(
        after != before, {name: value for name, value in other.items() if value != settings[name]}
    )


def remove(path: Path) -> None:
    """Take the block out again."""
    path = path.resolve()
    if path.exists() and (before := path.read_text()) != (after := _without_block(before)):
        _replace(path, after)


def _without_block(text: str) -> str:
    above, _, rest = text.partition(f"{_BEGIN}\n")
    _, end, below = rest.partition(f"{_END}\n")
    if not end:  # no block, or one that somebody has opened: then all of it is theirs
        return text.replace(f"{_BEGIN}\n", "")
    return f"{above.rstrip()}\n{below}"


def _values(text: str) -> dict[str, str]:
    """What a text sets, as the bot would read it."""
    values = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {name: value or "" for name, value in values.items()}


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")  # for us alone
    with os.fdopen(handle, "w") as file:
        file.write(text)
    Path(name).replace(path)
