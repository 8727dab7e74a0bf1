"""The sizes and forms that Slack accepts, and its words for what it does not.

Numbers: "Block Kit" and "chat.postMessage" in Slack's reference. The complaints
follow the form of `response_metadata.messages`, with a JSON pointer.
"""

import json
import secrets
from collections.abc import Iterator
from typing import Any

from local.slack.blocks import BLOCKS, MODAL_ONLY
from local.slack.checks import Check, boolean, items, shape, string, text
from local.slack.errors import SlackError
from local.slack.shapes import Json

#: chat.update refuses what is longer; chat.postMessage cuts it instead, at 40,000.
LONGEST_UPDATE = 4000
LARGEST_VIEW = 250_000
MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}


def check_message(text: str | None, blocks: object, *, longest: int | None = None) -> list[Json]:
    """The blocks of a message, checked. Raises `no_text`, `msg_too_long`, `invalid_blocks`."""
    checked = check_blocks(blocks)
    if not text and not checked:
        raise SlackError("no_text")
    if text and longest and len(text) > longest:
        raise SlackError("msg_too_long")
    return checked


def check_blocks(blocks: object) -> list[Json]:
    """Raises `invalid_blocks_format` or `invalid_blocks`. Blocks without an id get one."""
    if blocks is None or blocks == "":
        return []
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if complaints := list(_blocks("message")(blocks, "/blocks")):
        raise SlackError("invalid_blocks", *complaints, errors=_short(complaints))
    return with_ids(blocks)


def check_view(view: object) -> Json:
    """Raises `invalid_arguments` or `view_too_large`."""
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments", "[ERROR] must be a valid view [json-pointer:/view]")
    if len(json.dumps(view, ensure_ascii=False).encode()) > LARGEST_VIEW:
        raise SlackError("view_too_large")
    check = _VIEWS.get(str(view.get("type")))
    if check is None:
        raise SlackError(
            "invalid_arguments", "[ERROR] must be one of: modal, home [json-pointer:/view/type]"
        )
    complaints = list(check(view, "/view"))
    if complaints:
        raise SlackError("invalid_arguments", *complaints)
    asks = any(block["type"] == "input" for block in view["blocks"])
    if view["type"] == "modal" and asks and not view.get("submit"):
        raise SlackError(
            "invalid_arguments", "[ERROR] missing required field: submit [json-pointer:/view]"
        )
    focused = json.dumps(view["blocks"]).count('"focus_on_load": true')
    if focused > 1:
        raise SlackError(
            "invalid_arguments",
            "[ERROR] only one element may have focus_on_load [json-pointer:/view/blocks]",
        )
    return {**view, "blocks": with_ids(view["blocks"])}


def check_metadata(metadata: object) -> Json | None:
    """Raises `invalid_metadata_format`."""
    if metadata is None or metadata == "":
        return None
    if not (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), dict)
    ):
        raise SlackError("invalid_metadata_format")
    return metadata


def with_ids(blocks: list[Json]) -> list[Json]:
    """Blocks as Slack keeps them: each with a block_id, each element with an action_id.

    Those that Slack gives are new each time, so an app cannot count on one
    through an update ("Reference: blocks", `block_id`).
    """
    return [
        {**_with_action_ids(block), "block_id": block.get("block_id") or _any_id()}
        for block in blocks
    ]


def _any_id() -> str:
    return secrets.token_urlsafe(6)


def _with_action_ids(block: Json) -> Json:
    def named(element: Json) -> Json:
        return {**element, "action_id": element.get("action_id") or _any_id()}

    if block["type"] == "actions":
        return {**block, "elements": [named(element) for element in block["elements"]]}
    if block["type"] == "input":
        return {**block, "element": named(block["element"])}
    if "accessory" in block and block["accessory"]["type"] != "image":
        return {**block, "accessory": named(block["accessory"])}
    return block


def _blocks(surface: str) -> Check:
    def known(block: Any, at: str) -> Iterator[str]:
        kind = block.get("type") if isinstance(block, dict) else None
        check = BLOCKS.get(str(kind))
        if check is None or (kind in MODAL_ONLY and surface != "modal"):
            yield f"[ERROR] unsupported type: {kind} [json-pointer:{at}/type]"
        else:
            yield from check(block, at)

    many = items(known, MOST_BLOCKS[surface], least=0 if surface == "message" else 1)

    def check(blocks: Any, at: str) -> Iterator[str]:
        yield from many(blocks, at)
        if not isinstance(blocks, list):
            return
        ids = [b["block_id"] for b in blocks if isinstance(b, dict) and b.get("block_id")]
        for twice in sorted({name for name in ids if ids.count(name) > 1}):
            yield f"[ERROR] duplicate block_id: {twice} [json-pointer:{at}]"

    return check


def _short(complaints: list[str]) -> list[str]:
    return [complaint.removeprefix("[ERROR] ") for complaint in complaints]


_COMMON = {
    "callback_id": string(255),
    "private_metadata": string(3000),
    "external_id": string(255),
    "clear_on_close": boolean,
    "notify_on_close": boolean,
    "submit_disabled": boolean,
}
_VIEWS = {
    "modal": shape(
        {"title": text(24, plain=True), "blocks": _blocks("modal")},
        {"submit": text(24, plain=True), "close": text(24, plain=True), **_COMMON},
    ),
    "home": shape({"blocks": _blocks("home")}, _COMMON),
}
