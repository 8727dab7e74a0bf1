"""The form in which a link is asked for: drawn, and read when it is sent."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from handlers.texts import Texts
from handlers.views.blocks import Block, Message, entry, markup, modal, option, small
from uploads.links import NOTE_LIMIT, TITLE_LIMIT, Link, Sender
from uploads.policy import Policy, Wish

CALLBACK = "ask"

#: Sizes to choose from, in bytes, as far as they are allowed.
_SIZES = tuple(mega * 1024**2 for mega in (10, 100, 500, 1024, 5120, 20_480, 102_400, 1024**2))

#: Beside which input a refusal is shown; beside the first one where it is not here.
_FIELDS = {
    "title_too_long": "what",
    "note_too_long": "note",
    "ends_too_soon": "until",
    "ends_too_late": "until",
    "too_many_files": "files",
    "size_too_large": "size",
    "not_in_this_channel": "where",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as it stands: the wish, and the conversation in which it is announced.

    `id` is that of the link to be: however often the form is sent, it makes
    that one. `thread` is the message under which it was asked for; the
    conversation is fixed then.
    """

    id: str
    wish: Wish
    channel: str = ""
    thread: str | None = None


def again(link: Link, id: str, policy: Policy, now: datetime) -> Draft:
    """The form filled in as for a link that was made before, for as long a life."""
    life = min(max(link.ends_at - link.made_at, policy.link_lifetime), policy.max_link_lifetime)
    wish = Wish(
        title=link.title,
        note=link.note,
        files=min(link.files, policy.max_link_files),
        max_size=min(link.max_size, policy.max_file_size),
        ends_at=now + life,
        sender=link.sender,
        private=link.place.direct,
    )
    return Draft(id, wish, "" if link.place.direct else link.place.channel, link.place.thread)


def draw(
    t: Texts, draft: Draft, policy: Policy, now: datetime, *, embedded: bool, trouble: str = ""
) -> Message:
    """The form. `trouble` says, in markup, why it came back."""
    wish = draft.wish
    blocks: list[Block] = [markup(f":warning: {trouble}")] if trouble else []
    what = {"type": "plain_text_input", "max_length": TITLE_LIMIT, "focus_on_load": True}
    note = {"type": "plain_text_input", "max_length": NOTE_LIMIT, "multiline": True}
    blocks += [
        _input(t, "what", _initial(what, "initial_value", wish.title), hinted=True, optional=True),
        _input(t, "note", _initial(note, "initial_value", wish.note), hinted=True, optional=True),
        _input(t, "until", _until(wish, policy, now)),
    ]
    if not embedded:
        blocks += [
            _input(t, "files", _files(wish, policy)),
            _input(t, "size", _size(t, wish, policy)),
            _input(t, "sender", _sender(t, wish, policy)),
        ]
    if draft.thread is None:
        blocks.append(_input(t, "where", _where(draft), hinted=True, optional=True))
    else:
        blocks.append(small(t("form.in_thread")))
    blocks.append(_input(t, "private", _private(t, wish), optional=True))
    kept = {"id": draft.id, "channel": draft.channel, "thread": draft.thread}
    return modal(
        t,
        t("form.title"),
        blocks,
        close={"type": "plain_text", "text": t("form.cancel")},
        submit={"type": "plain_text", "text": t("form.submit")},
        callback_id=CALLBACK,
        private_metadata=json.dumps(kept),
    )


def read(view: dict[str, Any]) -> Draft:
    """What a form that was sent holds."""
    kept = json.loads(view["private_metadata"])
    held = view["state"]["values"]

    def value(name: str, field: str) -> Any:
        return held.get(name, {}).get(name, {}).get(field)

    def chosen(name: str) -> str | None:
        return (value(name, "selected_option") or {}).get("value")

    until, files, size = (
        value("until", "selected_date_time"),
        value("files", "value"),
        chosen("size"),
    )
    sender = chosen("sender")
    channel = kept["channel"] if kept["thread"] else value("where", "selected_conversation")
    wish = Wish(
        title=value("what", "value") or "",
        note=value("note", "value") or "",
        files=int(files) if files else None,
        max_size=int(size) if size else None,
        ends_at=datetime.fromtimestamp(until, UTC) if until else None,
        sender=Sender(sender) if sender else None,
        # Where nowhere is chosen, nobody but the requester can be told.
        private=bool(value("private", "selected_options")) or not channel,
    )
    return Draft(kept["id"], wish, channel or "", kept["thread"])


def renewed(draft: Draft, id: str) -> Draft:
    """The same form for another link, because the first could not be made."""
    return replace(draft, id=id)


def field(key: str, view: dict[str, Any]) -> str:
    """The input beside which an error is shown, by its `block_id`."""
    inputs = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    wanted = _FIELDS.get(key, "what")
    return wanted if wanted in inputs else inputs[0]


def working(t: Texts) -> Message:
    """What stands in the place of the form while the link is made."""
    return modal(t, t("form.title"), [markup(t("form.working"))])


def waiting(t: Texts) -> Message:
    """A modal that waits for what it is to show."""
    return modal(t, t("modal.title"), [markup(t("modal.waiting"))])


def trouble(t: Texts, sentence: str) -> Message:
    """A modal that says what went wrong."""
    return modal(t, t("modal.title"), [markup(f":warning: {sentence}")])


def _input(
    t: Texts, name: str, element: Block, *, hinted: bool = False, optional: bool = False
) -> Block:
    more: Block = {"optional": optional}
    if hinted:
        more["hint"] = {"type": "plain_text", "text": t(f"form.{name}_hint")}
    return entry(name, t(f"form.{name}"), element, **more)


def _initial(element: Block, name: str, value: str) -> Block:
    return {**element, name: value} if value else element


def _until(wish: Wish, policy: Policy, now: datetime) -> Block:
    ends_at = wish.ends_at or now + policy.link_lifetime
    return {"type": "datetimepicker", "initial_date_time": int(ends_at.timestamp())}


def _files(wish: Wish, policy: Policy) -> Block:
    return {
        "type": "number_input",
        "is_decimal_allowed": False,
        "min_value": "1",
        "max_value": str(policy.max_link_files),
        "initial_value": str(policy.link_files if wish.files is None else wish.files),
    }


def _size(t: Texts, wish: Wish, policy: Policy) -> Block:
    wanted = policy.max_file_size if wish.max_size is None else wish.max_size
    sizes = {size for size in _SIZES if size <= policy.max_file_size}
    options = {
        size: option(t.size(size), str(size))
        for size in sorted({*sizes, policy.max_file_size, wanted})
    }
    return _select(list(options.values()), options[wanted])


def _sender(t: Texts, wish: Wish, policy: Policy) -> Block:
    options = {one: option(t(f"form.sender_{one.value}"), one.value) for one in Sender}
    return _select(list(options.values()), options[wish.sender or policy.ask_sender])


def _where(draft: Draft) -> Block:
    start: Block = {"default_to_current_conversation": True}
    if draft.channel:
        start = {"initial_conversation": draft.channel}
    return {"type": "conversations_select", "filter": {"exclude_bot_users": True}, **start}


def _private(t: Texts, wish: Wish) -> Block:
    yes = option(t("form.private_yes"), "yes")
    start = {"initial_options": [yes]} if wish.private else {}
    return {"type": "checkboxes", "options": [yes], **start}


def _select(options: Sequence[Block], initial: Block) -> Block:
    return {"type": "static_select", "options": list(options), "initial_option": initial}
