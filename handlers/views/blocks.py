"""The few blocks that all our messages are made of."""

from collections.abc import Sequence
from typing import Any

from handlers.texts import Element, Texts

Message = dict[str, Any]
Block = dict[str, Any]

#: Neither Slack's crawler nor a preview should touch an address of ours.
QUIET = {"unfurl_links": False, "unfurl_media": False}

#: How much "Extend" adds, in days.
EXTEND_DAYS = 3


def line(emoji: str | None, elements: Sequence[Element]) -> Block:
    """A line of rich text."""
    first: list[Element] = (
        [{"type": "emoji", "name": emoji}, {"type": "text", "text": " "}] if emoji else []
    )
    return _rich({"type": "rich_text_section", "elements": [*first, *elements]})


def quote(text: str) -> Block:
    """What somebody else has written, marked as theirs."""
    return _rich({"type": "rich_text_quote", "elements": [{"type": "text", "text": text}]})


def code(text: str) -> Block:
    """Something to copy, to the letter."""
    return _rich({"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]})


def _rich(section: Element) -> Block:
    return {"type": "rich_text", "elements": [section]}


def user(id: str) -> Element:
    """A person, by name, in rich text."""
    return {"type": "user", "user_id": id}


def markup(text: str) -> Block:
    """A section in Slack's markup: nothing that a stranger typed may be in it."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def plain(text: str, accessory: Block | None = None) -> Block:
    """A section whose text means just what it says, with something to press beside it."""
    block = {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}}
    return block if accessory is None else {**block, "accessory": accessory}


def small(text: str, aside: str = "") -> Block:
    """Small print: of ours in Slack's markup, and an aside that means just what it says."""
    elements: list[Block] = [{"type": "mrkdwn", "text": text}]
    if aside:
        elements.append({"type": "plain_text", "text": aside, "emoji": False})
    return {"type": "context", "elements": elements}


def actions(*buttons: Block) -> Block:
    """Things to press, side by side."""
    return {"type": "actions", "elements": list(buttons)}


def button(text: str, action: str, **more: Any) -> Block:
    """Something to press. `more`: value, url, style, confirm, accessibility_label."""
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": text},
        "action_id": action,
        **more,
    }


def option(text: str, value: str) -> Block:
    """Something to choose; its text means just what it says."""
    return {"text": {"type": "plain_text", "text": text, "emoji": False}, "value": value}


def entry(name: str, label: str, element: Block, **more: Any) -> Block:
    """Something to fill in, found again by its name. `more`: optional, hint."""
    return {
        "type": "input",
        "block_id": name,
        "label": {"type": "plain_text", "text": label},
        "element": {"action_id": name, **element},
        **more,
    }


def modal(t: Texts, title: str, blocks: list[Block], **more: Any) -> Message:
    """A modal. `title` has at most 24 characters; `more`: submit, callback_id, private_metadata."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": title},
        "close": {"type": "plain_text", "text": t("modal.done")},
        "blocks": blocks,
        **more,
    }


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    """A question before something that cannot be undone."""
    return {
        "title": {"type": "plain_text", "text": title},
        "text": {"type": "plain_text", "text": text},
        "confirm": {"type": "plain_text", "text": yes},
        "deny": {"type": "plain_text", "text": no},
        "style": "danger",
    }


def manage(t: Texts, reference: str, *, embedded: bool) -> list[Block]:
    """The buttons that extend and close a link."""
    close = button(
        t("card.close"),
        "close_link",
        value=reference,
        confirm=confirm(
            t("card.close_title"), t("card.close_text"), t("card.close_yes"), t("card.close_no")
        ),
    )
    if embedded:
        return [close]
    return [button(t("card.extend", count=EXTEND_DAYS), "extend_link", value=reference), close]
