"""The form in which received files are kept for longer or deleted."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handlers.texts import Texts
from handlers.views.asked import what
from handlers.views.blocks import Block, Message, entry, line, markup, modal, option, small
from uploads.links import File, Link

CALLBACK = "keep_or_delete"

#: Slack: 100 options in a group, 75 characters in each. We do no more than a group at once.
_GROUP = 100
_LONGEST = 75

#: The JSON of all that there is to choose, in bytes (Slack: 250 kB for a whole view), and what of it
#: an option takes besides its words.
_ROOM = 220_000
_FRAME = 90


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose: files of a link by their slots, and whether to delete them."""

    reference: str
    slots: frozenset[int]
    delete: bool


def draw(t: Texts, link: Link, files: Sequence[File], retention_days: int) -> Message:
    """The form, for files that are there. Where they are kept for ever it only deletes."""
    # Whatever goes first stands first.
    there = sorted(
        (file for file in files if not file.gone), key=lambda file: file.expires_at or link.made_at
    )
    title = t("keeping.title" if retention_days else "keeping.delete_title")
    if not there:
        return modal(t, title, [markup(t("keeping.none"))])
    room = _ROOM // len(there) - _FRAME
    options = [option(_said(t, file, room), str(file.id.slot)) for file in there]
    blocks = [
        line(None, t.rich("keeping.of", what=what(t, link))),
        entry(
            "files",
            t("keeping.files"),
            {"type": "multi_static_select", "max_selected_items": _GROUP, **_offered(options)},
        ),
    ]
    if retention_days:
        keep = option(t("keeping.keep", count=retention_days), "keep")
        fates = [keep, option(t("keeping.delete"), "delete")]
        blocks.append(entry("fate", t("keeping.fate"), {"type": "radio_buttons", "options": fates}))
    return modal(
        t,
        title,
        [*blocks, small(t("keeping.note"))],
        close={"type": "plain_text", "text": t("form.cancel")},
        submit={
            "type": "plain_text",
            "text": t("keeping.submit" if retention_days else "keeping.delete_submit"),
        },
        callback_id=CALLBACK,
        private_metadata=link.reference,
    )


def read(view: dict[str, Any]) -> Choice:
    """What a form that was sent holds."""
    held = view["state"]["values"]
    slots = frozenset(int(one["value"]) for one in held["files"]["files"]["selected_options"])
    fate = held.get("fate", {}).get("fate", {}).get("selected_option") or {"value": "delete"}
    return Choice(view["private_metadata"], slots, fate["value"] == "delete")


def done(t: Texts, choice: Choice, count: int) -> Message:
    """What became of it: it was done to so many files, and the others were gone."""
    key = "keeping.deleted" if choice.delete else "keeping.kept"
    said = [markup(t(key, count=count))]
    if gone := len(choice.slots) - count:
        said.append(markup(t("keeping.gone", count=gone)))
    return modal(t, t("modal.title"), said)


def _offered(options: Sequence[Block]) -> dict[str, Any]:
    """All of them, in groups where they are too many for one; chosen where there is but one."""
    if len(options) == 1:
        return {"options": options, "initial_options": options}
    if len(options) <= _GROUP:
        return {"options": options}
    groups = []
    for start in range(0, len(options), _GROUP):
        some = options[start : start + _GROUP]
        label = {"type": "plain_text", "text": f"{start + 1}–{start + len(some)}"}
        groups.append({"label": label, "options": some})
    return {"option_groups": groups}


def _said(t: Texts, file: File, room: int) -> str:
    """Name and size, of so many bytes as JSON at most, escaped as Slack's SDK sends it."""
    size = f" · {t.size(file.size)}"
    name = (file.name or t("fact.nameless"))[: _LONGEST - len(size)]
    while name and len(json.dumps(name + size)) > room:
        name = name[:-1]
    return name + size
