"""The form in which received files are kept for longer or deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handlers.texts import Texts
from handlers.views.asked import what
from handlers.views.blocks import Message, entry, line, markup, modal, option, small
from uploads.links import File, Link

CALLBACK = "keep_or_delete"

#: Files to choose from (Slack: 100 options in a menu), and characters of each (75).
_MOST = 100
_NAME = 75


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose: files of a link by their slots, and whether to delete them."""

    reference: str
    slots: frozenset[int]
    delete: bool


def draw(t: Texts, link: Link, files: Sequence[File], retention_days: int) -> Message:
    """The form, for files that are there. Where they are kept for ever it only deletes."""
    # Whatever goes first stands first: not all may find room.
    there = sorted(
        (file for file in files if not file.gone), key=lambda file: file.expires_at or link.made_at
    )
    title = t("keeping.title" if retention_days else "keeping.delete_title")
    if not there:
        return modal(t, title, [markup(t("keeping.none"))])
    options = [option(_said(t, file), str(file.id.slot)) for file in there[:_MOST]]
    chosen = {"initial_options": options} if len(options) == 1 else {}
    blocks = [
        line(None, t.rich("keeping.of", what=what(t, link))),
        entry(
            "files",
            t("keeping.files"),
            {"type": "multi_static_select", "options": options, **chosen},
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


def _said(t: Texts, file: File) -> str:
    size = f" · {t.size(file.size)}"
    return (file.name or t("fact.nameless"))[: _NAME - len(size)] + size
