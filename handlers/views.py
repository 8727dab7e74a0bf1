"""What the bot says, as Block Kit. Pure: records in, the arguments of a message out.

Text that a person typed goes into rich text, whose `text` elements mean just
what they say: no mention, link or format in a file name comes to life there.
Only the top-level `text`, for notifications and screen readers, is markup, and
there it is escaped.
"""

from typing import Any

from handlers.wording import date, escape, kind, size
from uploads.desk import Offer
from uploads.links import File, Link, Place

Message = dict[str, Any]
Block = dict[str, Any]

#: Neither Slack's crawler nor a preview should touch an address of ours.
QUIET = {"unfurl_links": False, "unfurl_media": False}


def answer(offer: Offer, place: Place) -> Message:
    """The link, for the requester's eyes only."""
    return {
        "response_type": "ephemeral",
        **QUIET,
        "text": f"Your upload link{escape(_for(offer.link))}: {offer.address}",
        "blocks": [
            _line("link", "Your upload link for ", _bold(_what(offer.link))),
            {"type": "section", "text": _markup(f"```{offer.address}```")},
            {
                "type": "actions",
                "elements": [_button("Open the page", "open_address", url=offer.address)],
            },
            _small(f"Open until {date(offer.link.ends_at)} · one file, up to 5 GB"),
            _small(_what_next(place)),
        ],
    }


def card(link: Link, received: File | None = None) -> Message:
    """The message in the channel that waits for the file, and then says that it came."""
    if received is None:
        state = _line("hourglass_flowing_sand", "Waiting for ", _bold(_what(link)))
        until = f"open until {date(link.ends_at)}"
        text = f"Waiting for {escape(_what(link))}, asked for by <@{link.requester}>"
    else:
        state = _line("white_check_mark", "Received ", _bold(_what(link)))
        until = f"arrived {date(received.arrived_at)}"
        text = f"Received {escape(_what(link))}, asked for by <@{link.requester}>"
    return {
        "text": text,
        "blocks": [state, _small(f"Asked for by <@{link.requester}> · {until}")],
    }


def follow_up(link: Link, file: File) -> Message:
    """The news: which file, for what, asked for by whom, and the button that fetches it."""
    name = file.name or "A file without a name"
    facts = f"{size(file.size)} · {kind(file.content_type, file.name)}"
    return {
        "text": (
            f"{escape(name)} has arrived for <@{link.requester}>{escape(_for(link))} ({facts})"
        ),
        "blocks": [
            _line("inbox_tray", _bold(name), " has arrived"),
            _line(None, "For ", {"type": "user", "user_id": link.requester}, _for(link, ": ")),
            # Not escaped but filtered: `kind` lets nothing but letters and digits through.
            _small(f"{facts} · {date(file.arrived_at)}"),
            {
                "type": "actions",
                "elements": [_button("Download", "download", value=str(file.id), style="primary")],
            },
        ],
    }


def download(file: File, url: str) -> Message:
    """The answer to Download: the way to the file, for the one who clicked."""
    name = file.name or "the file"
    return {
        "response_type": "ephemeral",
        "replace_original": False,
        **QUIET,
        "text": f"Download {escape(name)}",
        "blocks": [
            _line("arrow_down", _bold(name), f" ({size(file.size)})"),
            {
                "type": "actions",
                "elements": [_button("Save the file", "open_address", url=url, style="primary")],
            },
            _small(
                "This button works for five minutes; press Download again for a new one."
                " Files from outside can be harmful: open only what you expect."
            ),
        ],
    }


def help_text(command: str) -> Message:
    """What the bot can do, in a screenful."""
    return {
        "response_type": "ephemeral",
        "text": f"How to use {command}",
        "blocks": [
            {"type": "section", "text": _markup(f"*Ask anyone for a file with `{command}`*")},
            {
                "type": "section",
                "text": _markup(
                    f"`{command} Q3 report from Acme` makes a link and says what it is for\n"
                    f"`{command}` makes a link for any one file\n"
                    f"`{command} help` shows this"
                ),
            },
            {
                "type": "section",
                "text": _markup(
                    "*What happens*\n"
                    "1. Only you see the link. Send it to whoever has the file: they need no"
                    " account and nothing to install.\n"
                    "2. They drop the file on the page. It goes straight into our own storage.\n"
                    "3. This channel is told in a thread, with a Download button."
                ),
            },
            _small(
                "A link takes one file of up to 5 GB, and nobody can replace it afterwards."
                " In a private channel, first `/invite` the bot; where it may not post, it"
                " tells you in a direct message."
            ),
        ],
    }


def _what(link: Link) -> str:
    return link.title or "a file"


def _for(link: Link, before: str = " for ") -> str:
    return f"{before}{link.title}" if link.title else ""


def _what_next(place: Place) -> str:
    if place.direct:
        return (
            ":warning: I may not post here, so I will write to you directly when the file"
            " arrives. In a private channel, `/invite` me to change that."
        )
    if place.card is None:
        return (
            "Send the link to whoever has the file. This channel hears of it when the file"
            " arrives, and if I may not post here, you do."
        )
    if place.channel.startswith("D"):
        return "Send the link to whoever has the file. I write to you here when it arrives."
    return "Send the link to whoever has the file. This channel hears of it when the file arrives."


def _line(emoji: str | None, *parts: str | Block) -> Block:
    """A line of rich text; plain strings are taken literally."""
    elements: list[Block] = [{"type": "emoji", "name": emoji}, _text(" ")] if emoji else []
    elements += [_text(part) if isinstance(part, str) else part for part in parts if part]
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": elements}],
    }


def _text(text: str) -> Block:
    return {"type": "text", "text": text}


def _bold(text: str) -> Block:
    return {"type": "text", "text": text, "style": {"bold": True}}


def _markup(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def _small(text: str) -> Block:
    return {"type": "context", "elements": [_markup(text)]}


def _button(text: str, action: str, **more: str) -> Block:
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": text},
        "action_id": action,
        **more,
    }
