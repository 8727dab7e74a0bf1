"""Somebody's links: in the Home tab, and as an answer."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers.texts import Texts
from handlers.views.asked import headline, limits, so_far, what
from handlers.views.blocks import (
    QUIET,
    Block,
    Message,
    actions,
    button,
    line,
    manage,
    markup,
    modal,
    option,
    small,
)
from uploads.links import Link, State
from uploads.records import Act
from uploads.shelves import Page

#: Links on one page of the Home tab, of four blocks each (Slack: 100 blocks in a view).
HOME_PAGE = 20

#: Links on one page of the answer (Slack: 50 blocks in a message).
LIST_PAGE = 8

#: Lines of a link's history that are shown, the latest.
_ACTS = 120

#: Lines in one block (Slack: 3,000 characters).
_LINES = 15

#: Senders that are named.
_SENDERS = 3


def home(t: Texts, page: Page, now: datetime) -> Message:
    """The Home tab."""
    if page.empty:
        return _home(_lesson(t))
    top = actions(button(t("mine.ask"), "ask_for_file", style="primary"))
    return _home([top, *_shelves(t, page, now, "home")])


def home_trouble(t: Texts, sentence: str) -> Message:
    """The Home tab when the links cannot be read."""
    again = actions(button(t("mine.again"), "links_again"))
    return _home([markup(f":warning: {sentence}"), again])


def _home(blocks: list[Block]) -> Message:
    return {"type": "home", "blocks": blocks}


def listed(t: Texts, page: Page, now: datetime) -> Message:
    """The answer to `/upload-link list`, for the requester's eyes only."""
    blocks = _lesson(t) if page.empty else _shelves(t, page, now, "list")
    return {"response_type": "ephemeral", **QUIET, "text": t("mine.title"), "blocks": blocks}


def shown_in_list(block_id: str) -> str | None:
    """Which page of the answer a block stands in; None for a block of anything else."""
    kind, _, rest = block_id.partition("|")
    return rest.partition("|")[0] if kind == "list" else None


def _lesson(t: Texts) -> list[Block]:
    return [
        markup(t("mine.none")),
        markup(t("mine.how")),
        actions(button(t("mine.ask"), "ask_for_file", style="primary")),
        small(t("mine.more")),
    ]


def _shelves(t: Texts, page: Page, now: datetime, where: str) -> list[Block]:
    # What has just ended may still stand on the shelf of the open ones.
    links = [*page.open, *page.over]
    alive = [link for link in links if link.state(now) is State.OPEN]
    over = [link for link in links if link.state(now) is not State.OPEN]
    blocks: list[Block] = []
    for title, some in (("mine.open", alive), ("mine.over", over)):
        if some:
            blocks.append(markup(t(title)))
        for link in some:
            id = f"{where}|{page.here}|{link.reference}"
            blocks += _row(t, link, now, id)
    turns = [
        button(t(f"list.{way}"), f"links_{way}", value=value)
        for way, value in (("prev", page.earlier), ("next", page.later))
        if value is not None
    ]
    return [*blocks, *([{**actions(*turns), "block_id": f"{where}|{page.here}"}] if turns else [])]


def _row(t: Texts, link: Link, now: datetime, id: str) -> list[Block]:
    state = link.state(now)
    emoji, key = headline(link, state)
    return [
        line(emoji, t.rich(key, what=what(t, link))),
        small(" · ".join(_facts(t, link, state, now)), _from(t, link.senders)),
        {**actions(*_buttons(t, link, state)), "block_id": id},
        {"type": "divider"},
    ]


def _facts(t: Texts, link: Link, state: State, now: datetime) -> list[str]:
    facts = [so_far(t, link)] if link.received else []
    if state is State.OPEN:
        facts = facts or [limits(t, link)]
        left, date = time_left(t, link.ends_at - now), t.date(link.ends_at)
        facts.append(t("mine.left", left=left, date=date))
    elif state is State.CLOSED and link.closed_at is not None:
        by, date = f"<@{link.closed_by}>", t.date(link.closed_at)
        facts.append(t("card.closed_by", user=by, date=date))
    elif state is State.FULL and link.last_at is not None:
        facts.append(t("card.full", date=t.date(link.last_at)))
    else:
        facts.append(t("card.ended", date=t.date(link.ends_at)))
    return facts


def _from(t: Texts, senders: Sequence[str]) -> str:
    named = senders[:_SENDERS]
    if not named:
        return ""
    if (more := len(senders) - _SENDERS) > 0:
        return t("mine.from_more", names=t("fact.comma").join(named), count=more)
    return t("mine.from", names=t.several(named))


def time_left(t: Texts, left: timedelta) -> str:
    """How long something still takes, rounded to what people say of it."""
    minutes = max(1, round(left / timedelta(minutes=1)))
    if minutes < 2 * 60:
        return t("fact.minutes", count=minutes)
    hours = round(minutes / 60)
    if hours < 2 * 24:
        return t("fact.hours", count=hours)
    return t("fact.days", count=round(hours / 24))


def _buttons(t: Texts, link: Link, state: State) -> list[Block]:
    files = button(t("mine.files"), "all_files", value=f"{link.reference}/0")
    some = [files] if link.received else []
    again, history = t("news.again"), t("mine.history")
    if state is State.OPEN:
        more = {
            "type": "overflow",
            "action_id": "link_more",
            "options": [
                option(again, f"again/{link.reference}"),
                option(history, f"history/{link.reference}"),
                *([option(t("keeping.menu"), f"manage/{link.reference}")] if some else []),
            ],
        }
        show = button(t("mine.show"), "show_link", value=link.reference)
        return [show, *some, *manage(t, link.reference, embedded=link.embedded), more]
    return [
        *some,
        *([button(t("keeping.menu"), "manage_files", value=f"{link.reference}/0")] if some else []),
        button(again, "ask_again", value=link.reference),
        button(history, "link_history", value=link.reference),
    ]


def history(t: Texts, link: Link, acts: Sequence[Act]) -> Message:
    """A modal: who did what with a link, and when. The latest comes last."""
    shown = acts[-_ACTS:]
    lines = [_act(t, act) for act in shown]
    blocks = [line(None, t.rich("history.title", what=what(t, link)))]
    if left := len(acts) - len(shown):
        blocks.append(small(t("history.earlier", count=left)))
    if link.received:
        blocks.append(small(t("history.folder", folder=link.folder)))
    blocks += [
        markup("\n".join(lines[start : start + _LINES])) for start in range(0, len(lines), _LINES)
    ]
    return modal(t, t("mine.history"), blocks)


def _act(t: Texts, act: Act) -> str:
    user = f"<@{act.who}>" if act.who else t("history.somebody")
    detail: dict[str, str | int] = {}
    key = act.what
    if key == "extended":
        detail["until"] = t.date(datetime.fromisoformat(act.detail))
    elif key == "deleted" and act.who:
        key = "deleted_by"
    elif key == "downloaded" and not act.detail.isdecimal():
        key = "downloaded_all"
    return f"{t.date(act.at)} · {t(f'history.{key}', user=user, number=act.detail, **detail)}"
