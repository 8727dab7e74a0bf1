"""Block Kit as tables: each block and element, its fields and their sizes.

Source of each number: the block's own page in Slack's "Block Kit" reference.
"""

from local.slack.checks import (
    Check,
    anything,
    boolean,
    both,
    by_type,
    form,
    initially,
    items,
    just_one,
    one_of,
    shape,
    string,
    text,
    unlike,
    whole,
)

_ACTION = string(255, 1)
_BLOCK = {"block_id": string(255)}
_STYLE = one_of("primary", "danger")
_CONFIRM = shape(
    {
        "title": text(100, plain=True),
        "text": text(300),
        "confirm": text(30, plain=True),
        "deny": text(30, plain=True),
    },
    {"style": _STYLE},
)
_PLACEHOLDER = {"placeholder": text(150, plain=True), "focus_on_load": boolean}
_OPTION = shape(
    {"text": text(75), "value": string(150)},
    {"description": text(75), "url": string(3000)},
)
_OPTIONS = items(_OPTION, 100)
_GROUPS = items(shape({"label": text(75, plain=True), "options": _OPTIONS}), 100)
_IMAGE = shape({"alt_text": string(2000)}, {"image_url": string(3000), "slack_file": anything})


def _element(**fields: Check) -> Check:
    return shape({}, {"action_id": _ACTION, "confirm": _CONFIRM, **_PLACEHOLDER, **fields})


def _select(**fields: Check) -> Check:
    several = {"max_selected_items": anything}
    return _element(**fields, **several)


_CONVERSATIONS = _select(
    initial_conversation=anything,
    initial_conversations=anything,
    default_to_current_conversation=boolean,
    response_url_enabled=boolean,
    filter=shape(
        {},
        {
            "include": items(one_of("im", "mpim", "private", "public"), 4),
            "exclude_external_shared_channels": boolean,
            "exclude_bot_users": boolean,
        },
        any_of=("include", "exclude_external_shared_channels", "exclude_bot_users"),
    ),
)
_CHOICE = both(
    shape(
        {"options": items(_OPTION, 10)},
        {
            "action_id": _ACTION,
            "initial_option": _OPTION,
            "initial_options": items(_OPTION, 10),
            "confirm": _CONFIRM,
            "focus_on_load": boolean,
        },
    ),
    initially,
)
_DISPATCH = shape(
    {"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), 2)}
)
_WRITTEN = _element(
    initial_value=string(3000),
    multiline=boolean,
    min_length=whole(0, 3000),
    max_length=whole(1, 3000),
    dispatch_action_config=_DISPATCH,
)
_DECIMAL = form(r"-?\d+(\.\d+)?", "a number in a string")
_NUMBER = shape(
    {"is_decimal_allowed": boolean},
    {
        "action_id": _ACTION,
        "initial_value": _DECIMAL,
        "min_value": _DECIMAL,
        "max_value": _DECIMAL,
        "dispatch_action_config": _DISPATCH,
        **_PLACEHOLDER,
    },
)
_STATIC = both(
    _select(
        options=_OPTIONS, option_groups=_GROUPS, initial_option=_OPTION, initial_options=_OPTIONS
    ),
    just_one("options", "option_groups"),
    initially,
)
_TIME = form(r"([01]\d|2[0-3]):[0-5]\d", "a time, HH:mm")

ELEMENTS: dict[str, Check] = {
    "button": shape(
        {"text": text(75, plain=True)},
        {
            "action_id": _ACTION,
            "url": string(3000),
            "value": string(2000),
            "style": _STYLE,
            "confirm": _CONFIRM,
            "accessibility_label": string(75),
        },
    ),
    "overflow": shape(
        {"options": items(_OPTION, 5, least=2)}, {"action_id": _ACTION, "confirm": _CONFIRM}
    ),
    "static_select": _STATIC,
    "multi_static_select": _STATIC,
    "external_select": _select(min_query_length=anything, initial_option=_OPTION),
    "users_select": _select(initial_user=anything),
    "multi_users_select": _select(initial_users=anything),
    "conversations_select": _CONVERSATIONS,
    "multi_conversations_select": _CONVERSATIONS,
    "channels_select": _select(initial_channel=anything, response_url_enabled=anything),
    "multi_channels_select": _select(initial_channels=anything),
    "checkboxes": _CHOICE,
    "radio_buttons": _CHOICE,
    "datepicker": _element(initial_date=form(r"\d{4}-\d\d-\d\d", "a date, YYYY-MM-DD")),
    "timepicker": _element(initial_time=_TIME, timezone=string(100)),
    "datetimepicker": _element(initial_date_time=whole(10**9, 10**10 - 1)),
}
_INPUTS: dict[str, Check] = {
    **{name: check for name, check in ELEMENTS.items() if name not in {"button", "overflow"}},
    "plain_text_input": _WRITTEN,
    "email_text_input": _WRITTEN,
    "url_text_input": _WRITTEN,
    "number_input": _NUMBER,
    "rich_text_input": anything,
    "file_input": anything,
}

_RICH = by_type(
    dict.fromkeys(
        ("text", "link", "emoji", "user", "channel", "usergroup", "date", "broadcast", "color"),
        anything,
    )
)
_RICH_FIELDS: dict[str, Check] = {"border": anything, "indent": anything, "offset": anything}
_RICH_SECTION = shape({"elements": items(_RICH, 10_000, least=0)}, _RICH_FIELDS)
_RICH_PARTS = by_type(
    {
        "rich_text_section": _RICH_SECTION,
        "rich_text_preformatted": _RICH_SECTION,
        "rich_text_quote": _RICH_SECTION,
        "rich_text_list": shape(
            {"elements": items(_RICH_SECTION, 10_000, least=0), "style": anything}, _RICH_FIELDS
        ),
    }
)

#: Blocks of modals only ("alert").
MODAL_ONLY = {"alert"}

BLOCKS: dict[str, Check] = {
    "section": shape(
        {},
        {
            "text": text(3000),
            "fields": items(text(2000), 10),
            "accessory": by_type({**ELEMENTS, "image": _IMAGE}),
            "expand": anything,
            **_BLOCK,
        },
        any_of=("text", "fields"),
    ),
    "header": shape({"text": text(150, plain=True)}, _BLOCK),
    "divider": shape({}, _BLOCK),
    "image": shape(
        {"alt_text": string(2000)},
        {
            "image_url": string(3000),
            "slack_file": anything,
            "title": text(2000, plain=True),
            **_BLOCK,
        },
    ),
    "actions": shape({"elements": unlike(items(by_type(ELEMENTS), 25), "action_id")}, _BLOCK),
    "context": shape(
        {
            "elements": items(
                by_type({"image": _IMAGE, "mrkdwn": text(3000), "plain_text": text(3000)}), 10
            )
        },
        _BLOCK,
    ),
    "input": shape(
        {"label": text(2000, plain=True), "element": by_type(_INPUTS)},
        {
            "hint": text(2000, plain=True),
            "optional": boolean,
            "dispatch_action": boolean,
            **_BLOCK,
        },
    ),
    "rich_text": shape({"elements": items(_RICH_PARTS, 10_000, least=0)}, _BLOCK),
    "markdown": shape({"text": string(12_000, 1)}, _BLOCK),
    # Known to Slack, not modelled here: accepted as they are.
    **dict.fromkeys(
        (
            "alert",
            "call",
            "card",
            "carousel",
            "container",
            "context_actions",
            "data_table",
            "file",
            "plan",
            "table",
            "task_card",
            "video",
        ),
        anything,
    ),
}
