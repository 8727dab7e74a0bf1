"""What the elements of blocks hold, and what a person can put into them.

Slack's own client sees to this, so the app never gets what it would not let
through: refusals here are sentences, not Slack's error codes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from local.slack.errors import SlackError
from local.slack.shapes import Channel, Json, User
from local.slack.workspace import Workspace

#: Kind of element → the field of its state, and the field that it begins with.
_HELD = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "static_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
}
#: The fields in which an element may hold something.
CHOSEN = {field for field, _ in _HELD.values()}

#: "Plain-text input", when it does not say.
LONGEST_TEXT = 3000


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every element that a person may use, with its block."""
    for block in blocks:
        inside = [block[key] for key in ("accessory", "element") if key in block]
        inside += block["elements"] if block["type"] == "actions" else []
        for element in inside:
            if "action_id" in element:
                yield block, element


def find(blocks: list[Json], ask: Json) -> Json | None:
    """The element that a click means, by action_id, and by `block_id` and `value` where given.

    It comes with its `block_id` and with what was `chosen`; a `value` that is
    an option's chooses that option. Raises `SlackError` for an option it has not.
    """
    for block, element in elements(blocks):
        if element["action_id"] != ask["action_id"]:
            continue
        if ask.get("block_id") not in {None, block["block_id"]}:
            continue
        found = {**element, "block_id": block["block_id"], **ask.get("chosen", {})}
        if block["type"] == "input":
            found["dispatch_action"] = bool(block.get("dispatch_action"))
        value = ask.get("value")
        if value is not None and any(o["value"] == value for o in options(element)):
            found["selected_option"], value = {"value": value}, None
        if value not in {None, element.get("value")}:
            continue
        if element["type"] == "overflow":
            found["selected_option"] = _option(element, found.get("selected_option"))
        return found
    return None


def use(action: Json, given: Json) -> Json:
    """`given`, with what a person chose in `action` (as found) put into it."""
    chosen = {name: value for name, value in action.items() if name in CHOSEN}
    if action["type"] not in _HELD or not chosen:
        return given
    block, name = action["block_id"], action["action_id"]
    return {**given, block: {**given.get(block, {}), name: chosen}}


def _option(element: Json, wanted: Any) -> Json:
    """The option of an element that has the value of `wanted`, all of it."""
    value = wanted.get("value") if isinstance(wanted, dict) else None
    for option in options(element):
        if option["value"] == value:
            return option
    raise _wrong(element, wanted)


def options(element: Json) -> list[Json]:
    """The options of an element, those of groups too."""
    groups = element.get("option_groups", [])
    return [*element.get("options", []), *(o for group in groups for o in group["options"])]


@dataclass(frozen=True, slots=True)
class Chooser:
    """A person who fills in elements, looking `at` a conversation."""

    workspace: Workspace
    user: User
    at: Channel | None

    def start(self, element: Json) -> Any:
        """What an element holds when it is first seen."""
        field, initial = _HELD[element["type"]]
        value = element.get(initial)
        if value is None and element.get("default_to_current_conversation"):
            value = self.at.id if self.at and self._fits(self.at, element) else None
        return [] if value is None and field.endswith("s") else value

    def put(self, element: Json, value: Any) -> Any:
        """`value` as the element then holds it. Raises `SlackError` for one it would not take."""
        field, _ = _HELD[element["type"]]
        if field.endswith("s"):
            if not isinstance(value, list) or len(value) > element.get("max_selected_items", 100):
                raise _wrong(element, value)
            return [self._one(element, one) for one in value]
        return value if value is None or value == "" else self._one(element, value)

    def _one(self, element: Json, value: Any) -> Any:
        kind = element["type"].removeprefix("multi_")
        if kind in {"static_select", "radio_buttons", "checkboxes"}:
            return _option(element, value)
        if kind == "users_select":
            return self.workspace.user(str(value)).id
        if kind in {"conversations_select", "channels_select"}:
            channel = self.workspace.channel_of(self.user, str(value))
            if not self._fits(channel, element):
                raise _wrong(element, value)
            return channel.id
        if not _fits(kind, element, value):
            raise _wrong(element, value)
        return value

    def _fits(self, channel: Channel, element: Json) -> bool:
        wanted = element.get("filter", {})
        kinds = wanted.get("include") or ["public", "private", "im", "mpim"]
        if element["type"].endswith("channels_select"):
            kinds = ["public"]
        robots = any(self.workspace.users[member].is_bot for member in channel.members)
        shut_out = wanted.get("exclude_bot_users") and channel.kind == "im" and robots
        return channel.kind in kinds and not shut_out


def _fits(kind: str, element: Json, value: Any) -> bool:
    """Whether a text, number or moment may stand in an element."""
    if kind == "datetimepicker":
        return isinstance(value, int) and not isinstance(value, bool) and 10**9 <= value < 10**10
    if not isinstance(value, str):
        return False
    match kind:
        case "datepicker":
            return _is_date(value)
        case "timepicker":
            return re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value) is not None
        case "number_input":
            return _is_number(element, value)
        case "email_text_input":
            return re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) is not None
        case "url_text_input":
            return re.fullmatch(r"https?://\S+", value) is not None
    most = element.get("max_length", LONGEST_TEXT)
    if "\n" in value and not element.get("multiline"):
        return False
    return bool(element.get("min_length", 0) <= len(value) <= most)


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_number(element: Json, value: str) -> bool:
    form = r"-?\d+(\.\d+)?" if element.get("is_decimal_allowed") else r"-?\d+"
    if not re.fullmatch(form, value):
        return False
    least, most = element.get("min_value", value), element.get("max_value", value)
    return float(least) <= float(value) <= float(most)


def _wrong(element: Json, value: Any) -> SlackError:
    return SlackError(f"{element['type']} {element['action_id']} does not take {value!r}")


def state(blocks: list[Json], chooser: Chooser, given: Json, held: Json | None = None) -> Json:
    """`state.values`: what every element holds, with what is `given` put over what it `held`.

    `given` is `{block_id: {action_id: {field: …}}}`; an element it does not name keeps what
    it has. Raises `SlackError` for an element that is not there, and for a wrong value.
    """
    held = held or {}
    left = {(block, action) for block, actions in given.items() for action in actions}
    values: Json = {}
    for block, element in elements(blocks):
        if element["type"] not in _HELD:
            continue
        at, name = block["block_id"], element["action_id"]
        left.discard((at, name))
        field, _ = _HELD[element["type"]]
        before = held.get(at, {}).get(name, {})
        value = before[field] if field in before else chooser.start(element)
        put = given.get(at, {}).get(name)
        if put is not None:
            if set(put) - {"type", field} or put.get("type", element["type"]) != element["type"]:
                raise SlackError(f"{name} is a {element['type']}: it does not hold {put}")
            value = chooser.put(element, put.get(field))
        value = None if value == "" else value
        values.setdefault(at, {})[name] = {"type": element["type"], field: value}
    if left:
        raise SlackError(f"no such input: {' '.join(sorted(left)[0])}")
    return values


def need(blocks: list[Json], values: Json) -> None:
    """Raises `SlackError` where an input that is not optional is empty."""
    for block in blocks:
        if block["type"] != "input" or block.get("optional"):
            continue
        held = values.get(block["block_id"], {}).get(block["element"]["action_id"], {})
        if held and not any(held[name] for name in held if name != "type"):
            raise SlackError(f"{block['block_id']} must be filled in")


def kept(old: list[Json], new: list[Json], held: Json) -> Json:
    """What stays filled in when a view is updated: inputs of the same ids and kind ("Modals")."""
    before = {(b["block_id"], e["action_id"], e["type"]) for b, e in elements(old)}
    after = {(b["block_id"], e["action_id"], e["type"]) for b, e in elements(new)}
    kept: Json = {}
    for block, action, _ in sorted(before & after):
        if action in held.get(block, {}):
            kept.setdefault(block, {})[action] = held[block][action]
    return kept
