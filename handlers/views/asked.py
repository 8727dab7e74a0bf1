"""What a requester is answered, and the card that waits in the channel."""

from datetime import datetime

from handlers.kinds import escape
from handlers.texts import Texts
from handlers.views.blocks import (
    QUIET,
    Block,
    Message,
    actions,
    button,
    line,
    manage,
    markup,
    small,
)
from uploads.desk import Offer
from uploads.links import Link, Place, State


def answer(t: Texts, offer: Offer) -> Message:
    """The link, for the requester's eyes only."""
    link = offer.link
    return {
        "response_type": "ephemeral",
        **QUIET,
        "text": f"{t('answer.text', what=escape(what(t, link)))} {offer.address}",
        "blocks": [
            line("link", t.rich("answer.title", what=what(t, link))),
            markup(f"```{offer.address}```"),
            actions(button(t("answer.open"), "open_address", url=offer.address)),
            small(f"{t('card.until', date=t.date(link.ends_at))} · {limits(t, link)}"),
            small(_what_next(t, link.place)),
        ],
    }


def card(t: Texts, link: Link, now: datetime) -> Message:
    """The message in the channel that waits for the files, and then says what became of it."""
    state = link.state(now)
    if state is State.CLOSED:
        emoji, key = "lock", "card.closed"
    elif state is State.EXPIRED:
        emoji, key = "hourglass", "card.received" if link.received else "card.unused"
    elif link.received:
        emoji, key = "white_check_mark", "card.received"
    elif link.announced:
        emoji, key = "inbox_tray", "card.coming"
    else:
        emoji, key = "hourglass_flowing_sand", "card.waiting"
    facts = [t("card.by", user=f"<@{link.requester}>")]
    if link.received:
        facts.append(_so_far(t, link))
    if state is State.CLOSED and link.closed_at is not None:
        by, date = f"<@{link.closed_by}>", t.date(link.closed_at)
        facts.append(t("card.closed_by", user=by, date=date))
    else:
        over = state is State.EXPIRED
        until = "card.until" if not over else "card.ended"
        facts.append(t(until, date=t.date(link.ends_at)))
    blocks = [line(emoji, t.rich(key, what=what(t, link))), small(" · ".join(facts))]
    if state is State.OPEN:
        blocks.append(actions(*manage(t, link.reference, embedded=link.embedded)))
    asked = t("card.by", user=f"<@{link.requester}>")
    said = t(key, what=escape(what(t, link)))
    return {"text": t("fact.aside", said=said, aside=asked), "blocks": blocks}


def help_text(t: Texts, command: str) -> Message:
    """What the bot can do, in a screenful."""
    blocks: list[Block] = [
        markup(t("help.title", command=command)),
        markup(t("help.commands", command=command)),
        markup(t("help.options", command=command)),
        markup(t("help.next")),
        small(t("help.limits")),
    ]
    return {
        "response_type": "ephemeral",
        "text": t("help.text", command=command),
        "blocks": blocks,
    }


def what(t: Texts, link: Link) -> str:
    """What is asked for, in words."""
    return link.title or t("fact.files" if link.files > 1 else "fact.file")


def limits(t: Texts, link: Link) -> str:
    """How many files, and how large."""
    return t("fact.limits", count=link.files, size=t.size(link.max_size))


def _so_far(t: Texts, link: Link) -> str:
    size = t.size(link.received_bytes)
    if link.files == 1:
        return size
    return t("card.so_far", received=link.received, count=link.files, size=size)


def _what_next(t: Texts, place: Place) -> str:
    if place.direct:
        return t("answer.next_direct")
    if place.card is None:
        return t("answer.next_unsure")
    if place.channel.startswith("D"):
        return t("answer.next_here")
    return t("answer.next_thread" if place.thread else "answer.next_channel")
