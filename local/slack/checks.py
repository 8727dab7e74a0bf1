"""Small checks that build up into the forms of Block Kit."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

#: Yields a complaint for each fault of a value found at a JSON pointer.
Check = Callable[[Any, str], Iterator[str]]


def anything(_value: Any, _at: str) -> Iterator[str]:
    """Let all pass: what is not modelled here."""
    yield from ()


def string(most: int, least: int = 0) -> Check:
    """A string of `least` to `most` characters."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"[ERROR] must be a string [json-pointer:{at}]"
        elif len(value) > most:
            yield f"[ERROR] must be less than {most + 1} characters [json-pointer:{at}]"
        elif len(value) < least:
            yield f"[ERROR] must be more than {least - 1} characters [json-pointer:{at}]"

    return check


def form(pattern: str, what: str) -> Check:
    """A string of this form; `what` says so to people."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            yield f"[ERROR] must be {what} [json-pointer:{at}]"

    return check


def one_of(*values: object) -> Check:
    """One of these, and of the same type."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not any(type(value) is type(known) and value == known for known in values):
            names = ", ".join(str(known).lower() for known in values)
            yield f"[ERROR] must be one of: {names} [json-pointer:{at}]"

    return check


boolean = one_of(True, False)


def whole(least: int, most: int) -> Check:
    """A whole number from `least` to `most`."""

    def check(value: Any, at: str) -> Iterator[str]:
        if type(value) is not int:
            yield f"[ERROR] must be an integer [json-pointer:{at}]"
        elif not least <= value <= most:
            yield f"[ERROR] must be between {least} and {most} [json-pointer:{at}]"

    return check


def text(most: int, *, plain: bool = False) -> Check:
    """A text object; `plain` where Slack takes no markup."""
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
    inner = shape({"text": string(most, 1)}, {"emoji": anything, "verbatim": anything})

    def check(value: Any, at: str) -> Iterator[str]:
        if isinstance(value, dict) and value.get("type") not in kinds:
            yield f"[ERROR] must be one of: {', '.join(kinds)} [json-pointer:{at}/type]"
        else:
            yield from inner(value, at)

    return check


def items(each: Check, most: int, least: int = 1) -> Check:
    """A list of `least` to `most` things."""

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"[ERROR] must be an array [json-pointer:{at}]"
            return
        if len(value) > most:
            yield f"[ERROR] no more than {most} items allowed [json-pointer:{at}]"
        if len(value) < least:
            yield f"[ERROR] no fewer than {least} items allowed [json-pointer:{at}]"
        for number, item in enumerate(value):
            yield from each(item, f"{at}/{number}")

    return check


def shape(
    required: Mapping[str, Check],
    optional: Mapping[str, Check] | None = None,
    any_of: tuple[str, ...] = (),
) -> Check:
    """An object with these fields and no others; at least one of `any_of`, where given."""
    fields = {"type": anything, **required, **(optional or {})}

    def check(value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"[ERROR] must be an object [json-pointer:{at}]"
            return
        for name in required:
            if name not in value:
                yield f"[ERROR] missing required field: {name} [json-pointer:{at}]"
        if any_of and not any(value.get(name) for name in any_of):
            yield f"[ERROR] must provide one of: {', '.join(any_of)} [json-pointer:{at}]"
        for name, inner in value.items():
            if name in fields:
                yield from fields[name](inner, f"{at}/{name}")
            else:
                yield f"[ERROR] invalid additional property: {name} [json-pointer:{at}]"

    return check


def by_type(table: Mapping[str, Check]) -> Check:
    """An object whose `type` says which form it must have."""

    def check(value: Any, at: str) -> Iterator[str]:
        kind = str(value.get("type")) if isinstance(value, dict) else ""
        if kind in table:
            yield from table[kind](value, at)
        else:
            yield f"[ERROR] unsupported type: {kind} [json-pointer:{at}/type]"

    return check


def unlike(each: Check, key: str) -> Check:
    """As `each`, and no two things of the list have the same `key`."""

    def check(value: Any, at: str) -> Iterator[str]:
        yield from each(value, at)
        found = value if isinstance(value, list) else []
        keys = [item[key] for item in found if isinstance(item, dict) and key in item]
        for twice in sorted({k for k in keys if keys.count(k) > 1}):
            yield f"[ERROR] duplicate {key}: {twice} [json-pointer:{at}]"

    return check


def both(*checks: Check) -> Check:
    """All of these at once."""

    def check(value: Any, at: str) -> Iterator[str]:
        for each in checks:
            yield from each(value, at)

    return check


def initially(value: Any, at: str) -> Iterator[str]:
    """What is chosen at first must be among the options, just as it stands there."""
    if not isinstance(value, dict):
        return
    known = [*(value.get("options") or [])]
    for group in value.get("option_groups") or []:
        known += group.get("options", []) if isinstance(group, dict) else []
    if "initial_option" in value and value["initial_option"] not in known:
        yield f"[ERROR] must be one of the provided options [json-pointer:{at}/initial_option]"
    for number, option in enumerate(value.get("initial_options") or []):
        if option not in known:
            pointer = f"{at}/initial_options/{number}"
            yield f"[ERROR] must be one of the provided options [json-pointer:{pointer}]"


def just_one(*names: str) -> Check:
    """An object with exactly one of these fields."""

    def check(value: Any, at: str) -> Iterator[str]:
        if isinstance(value, dict) and sum(name in value for name in names) != 1:
            yield f"[ERROR] must provide one of: {', '.join(names)} [json-pointer:{at}]"

    return check
