"""What a requester is answered, and the card that waits in the channel."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers.asking.line import Misread
from handlers.kinds import escape
from handlers.texts import Texts
from handlers.views.blocks import (
    QUIET,
    Block,
    Message,
    actions,
    button,
    code,
    line,
    manage,
    markup,
    modal,
    small,
)
from uploads.desk import Offer
from uploads.disposition import original_name
from uploads.links import Link, Place, State
from uploads.multipart import Multipart
from uploads.policy import SHORTEST_LIFE, Policy

#: Problems of one line that are spelt out.
_PROBLEMS = 10

#: Files under way that a card shows, and the length of a bar.
_SHOWN = 3
_BAR = 16


def answer(t: Texts, offer: Offer, *, private: bool = False) -> Message:
    """The link, for the requester's eyes only. `private`: they wished for news to them alone."""
    link = offer.link
    return {
        "response_type": "ephemeral",
        **QUIET,
        "text": f"{t('answer.text', what=escape(what(t, link)))} {offer.address}",
        "blocks": [*address(t, offer), small(_what_next(t, link.place, private=private))],
    }


def answer_view(t: Texts, offer: Offer, *, private: bool = False) -> Message:
    """The same as a modal."""
    next_ = small(_what_next(t, offer.link.place, private=private))
    return modal(t, t("answer.view"), [*address(t, offer), next_])


def address_view(t: Texts, offer: Offer) -> Message:
    """A modal with a link that was made before."""
    return modal(t, t("answer.view"), address(t, offer))


def address(t: Texts, offer: Offer) -> list[Block]:
    """An address to copy or to open, and what it is good for."""
    link = offer.link
    return [
        line("link", t.rich("answer.title", what=what(t, link))),
        markup(f"```{offer.address}```"),
        actions(button(t("answer.open"), "open_address", url=offer.address)),
        small(f"{t('card.until', date=t.date(link.ends_at))} · {limits(t, link)}"),
    ]


def card(
    t: Texts,
    link: Link,
    now: datetime,
    retention_days: int = 0,
    under_way: Sequence[Multipart] = (),
) -> Message:
    """The message in the channel that waits for the files, and then says what became of it."""
    state = link.state(now)
    emoji, key = headline(link, state)
    facts = [t("card.by", user=f"<@{link.requester}>")]
    if link.received:
        facts.append(so_far(t, link))
    if state is State.CLOSED and link.closed_at is not None:
        by, date = f"<@{link.closed_by}>", t.date(link.closed_at)
        facts.append(t("card.closed_by", user=by, date=date))
    elif state is State.FULL and link.last_at is not None:
        facts.append(t("card.full", date=t.date(link.last_at)))
    else:
        over = state is State.EXPIRED
        until = "card.until" if not over else "card.ended"
        facts.append(t(until, date=t.date(link.ends_at)))
    if retention_days:
        facts.append(t("card.kept", count=retention_days))
    blocks = [line(emoji, t.rich(key, what=what(t, link))), small(" · ".join(facts))]
    if state is State.OPEN:
        blocks += _under_way(t, under_way)
        blocks.append(actions(*manage(t, link.reference, embedded=link.embedded)))
    asked = t("card.by", user=f"<@{link.requester}>")
    said = t(key, what=escape(what(t, link)))
    return {"text": t("fact.aside", said=said, aside=asked), "blocks": blocks}


def _under_way(t: Texts, multiparts: Sequence[Multipart]) -> list[Block]:
    """How far large files are that have not arrived yet."""
    blocks = []
    for multipart in multiparts[:_SHOWN]:
        name = original_name(multipart.intent.disposition) or t("fact.file")
        blocks += [
            line("inbox_tray", [{"type": "text", "text": name, "style": {"bold": True}}]),
            small(_progress(t, multipart)),
        ]
    if (more := len(multiparts) - _SHOWN) > 0:
        blocks.append(small(t("card.more_under_way", count=more)))
    return blocks


def _progress(t: Texts, multipart: Multipart) -> str:
    loaded, size = multipart.loaded, multipart.intent.size
    full = loaded * _BAR // size
    said = t("card.under_way", percent=multipart.percent, loaded=t.size(loaded), size=t.size(size))
    facts = [f"`{'█' * full}{'░' * (_BAR - full)}`  {said}"]
    if multipart.stalled():
        facts.append(t("card.stalled", date=t.date(multipart.moved_at)))
    elif multipart.speed and loaded < size:
        minutes = -(-(size - loaded) // (multipart.speed * 60))
        facts.append(t("card.speed", size=t.size(multipart.speed)))
        facts.append(t("card.left", life=t.life(timedelta(minutes=_rough(minutes)))))
    return " · ".join(facts)


def _rough(minutes: int) -> int:
    """Whole hours above three, for nobody knows better.

    >>> [_rough(minutes) for minutes in (1, 95, 200)]
    [1, 95, 240]
    """
    return minutes if minutes <= 180 else -(-minutes // 60) * 60


def headline(link: Link, state: State) -> tuple[str, str]:
    """What became of a link so far: an emoji, and the key of a sentence about `what`."""
    if state is State.CLOSED:
        return "lock", "card.closed"
    if state is State.EXPIRED:
        return "hourglass", "card.received" if link.received else "card.unused"
    if link.received:
        emoji = "white_check_mark" if link.received > link.held else "warning"
        return emoji, "card.received"
    if link.announced:
        return "inbox_tray", "card.coming"
    return "hourglass_flowing_sand", "card.waiting"


def misread(t: Texts, misread: Misread, command: str) -> Message:
    """What was wrong with a line, and the line as it was probably meant, to be pasted."""
    corrected = f"{command} {misread.corrected}".rstrip()
    problems = [
        line(None, t.rich(f"misread.{problem.key}", **problem.values))
        for problem in misread.problems[:_PROBLEMS]
    ]
    return {
        "response_type": "ephemeral",
        **QUIET,
        "text": f"{t('misread.text')} {escape(corrected)}",
        "blocks": [
            line("warning", t.rich("misread.text")),
            *problems,
            line(None, t.rich("misread.paste")),
            code(corrected),
        ],
    }


def help_text(t: Texts, command: str, policy: Policy, longest: timedelta) -> Message:
    """What the bot can do, in a screenful, and how far it can go; a link's `longest` life."""
    most = t("fact.limits", count=policy.max_link_files, size=t.size(policy.max_file_size))
    life = t.life(max(longest, SHORTEST_LIFE))
    blocks: list[Block] = [
        markup(t("help.title", command=command)),
        markup(t("help.commands", command=command)),
        markup(t("help.options", command=command)),
        markup(t("help.ways")),
        markup(t("help.next")),
        small(f"{t('help.most', most=most, life=life)}\n{t('help.limits')}"),
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


def so_far(t: Texts, link: Link) -> str:
    """How much of it has come."""
    said = size = t.size(link.received_bytes)
    if link.files > 1:
        said = t("card.so_far", received=link.received, count=link.files, size=size)
    if link.held:
        said += " · " + t("card.held", count=link.held)
    return said


def _what_next(t: Texts, place: Place, *, private: bool) -> str:
    if place.direct:
        return t("answer.next_private" if private else "answer.next_direct")
    if place.card is None:
        return t("answer.next_unsure")
    if place.channel.startswith("D"):
        return t("answer.next_here")
    return t("answer.next_thread" if place.thread else "answer.next_channel")
