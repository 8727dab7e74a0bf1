"""The news of a link: what has come, what has not, and the way to the files."""

from collections.abc import Sequence

from handlers.kinds import escape, kind
from handlers.texts import Texts
from handlers.views.asked import what
from handlers.views.blocks import (
    EXTEND_DAYS,
    QUIET,
    Block,
    Message,
    actions,
    button,
    line,
    markup,
    modal,
    plain,
    quote,
    small,
    user,
)
from uploads.links import Cover, File, Link, Verdict

#: Files that a follow-up lists; more are folded behind a button.
LISTED = 10

#: Files on one page of the list that the button opens (Slack: 100 blocks in a modal).
PAGE = 40

#: Uploaders whose words a follow-up quotes.
_QUOTED = 3


def follow_up(t: Texts, link: Link, files: Sequence[File], covers: Sequence[Cover]) -> Message:
    """The files of one sitting: who sent what, for whom, and the buttons that fetch it."""
    names = {cover.mark: cover.name for cover in covers if cover.name}
    nameless = any(file.mark not in names for file in files)
    somebody = [t("news.somebody")] if names and nameless else []
    senders = t.several([*(cover.name for cover in covers if cover.name), *somebody])
    first, *others = files
    size = t.size(sum(file.size for file in files))
    named: dict[str, str | int]
    if not others:
        named = {"file": _name(t, first), "sender": senders}
        key = "news.one_from" if senders else "news.one"
        title, text = t.rich(key, **named), t(key, **_escaped(named))
    else:
        named = {"count": len(files), "size": size, "sender": senders}
        key = "news.many_from" if senders else "news.many"
        # A number and a size are ours; only the sender is somebody's word.
        title = t.rich(key, **{**named, "size": {"type": "text", "text": size}})
        text = t(key, **_escaped(named))
    blocks = [line("inbox_tray", title), line(None, _for(t, link))]
    blocks += [quote(cover.note) for cover in covers if cover.note][:_QUOTED]
    if not others:
        blocks += _alone(t, first)
    else:
        several = len({*names.values(), *somebody}) > 1
        blocks += [
            plain(
                _facts_line(t, file, names.get(file.mark, "") if several else ""),
                _download(t, file),
            )
            for file in files[:LISTED]
        ]
        if folded := len(files) - LISTED:
            blocks += [small(t("news.more", count=folded))] if folded > 0 else []
        there = [file for file in files if not file.gone]
        if ends := [file.expires_at for file in there if file.expires_at]:
            blocks.append(small(t("news.until", date=t.date(min(ends)))))
        if there:
            all_files = button(
                t("news.all"), "all_files", value=f"{link.reference}/{first.sitting}"
            )
            blocks.append(actions(all_files, _manage(t, first)))
    for_whom = t("news.for", user=f"<@{link.requester}>", what=escape(what(t, link)))
    return {"text": t("fact.aside", said=text, aside=for_whom), "blocks": blocks}


def _alone(t: Texts, file: File) -> list[Block]:
    facts = [t.size(file.size), kind(t, file.content_type, file.name), t.date(file.arrived_at)]
    if file.gone:
        return [small(" · ".join([*facts, t("news.gone_short")]))]
    if file.expires_at:
        facts.append(t("news.until", date=t.date(file.expires_at)))
    facts += _verdict(t, file)
    blocks = [small(" · ".join(facts))]
    if file.held:
        return [*blocks, small(t("news.held")), actions(_manage(t, file))]
    if file.checksum:
        blocks.append(small(t("fact.checksum", sum=file.checksum)))
    if file.verdict in _TROUBLES:
        return [*blocks, small(t(_TROUBLES[file.verdict])), actions(_manage(t, file))]
    download = button(t("news.download"), "download", value=str(file.id), style="primary")
    return [*blocks, actions(download, _manage(t, file))]


#: What is said of a scan beside the other facts; of malware in a line of its own.
_VERDICTS = {
    Verdict.PENDING: "news.pending",
    Verdict.CLEAN: "news.clean",
    Verdict.UNKNOWN: "news.unscanned",
    Verdict.INFECTED: "news.infected_short",
    Verdict.FAILED: "news.scan_failed_short",
}

#: What there is more to say of, in a line of its own: such a file cannot be fetched.
_TROUBLES = {Verdict.INFECTED: "news.infected", Verdict.FAILED: "news.scan_failed"}


def _verdict(t: Texts, file: File) -> list[str]:
    return [t(_VERDICTS[file.verdict])] if file.verdict in _VERDICTS else []


def _manage(t: Texts, file: File) -> Block:
    key = "keeping.button" if file.expires_at else "keeping.delete_button"
    return button(t(key), "manage_files", value=f"{file.id.link}/{file.sitting}")


def _facts_line(t: Texts, file: File, sender: str = "") -> str:
    facts = f"{_name(t, file)}\n{t.size(file.size)} · {kind(t, file.content_type, file.name)}"
    for is_so, key in ((file.held, "news.held_short"), (file.gone, "news.gone_short")):
        facts += f" · {t(key)}" if is_so else ""
    said = [t("mine.from", names=sender)] if sender else []
    return " · ".join([facts, *_verdict(t, file), *said])


def _download(t: Texts, file: File) -> Block | None:
    if file.held or file.gone or file.verdict in _TROUBLES:
        return None
    return button(t("news.download"), "download", value=str(file.id))


def _for(t: Texts, link: Link) -> list[Block]:
    return t.rich("news.for", user=user(link.requester), what=what(t, link))


def _name(t: Texts, file: File) -> str:
    return file.name or t("fact.nameless")


def _escaped(values: dict[str, str | int]) -> dict[str, str | int]:
    return {
        name: escape(value) if isinstance(value, str) else value for name, value in values.items()
    }


def download(t: Texts, file: File, url: str) -> Message:
    """The answer to Download: the way to the file, for the one who clicked."""
    name = _name(t, file)
    facts = [t("download.once")]
    if file.checksum:
        facts.append(t("fact.checksum", sum=file.checksum))
    return {
        "response_type": "ephemeral",
        "replace_original": False,
        **QUIET,
        "text": t("download.text", file=escape(name)),
        "blocks": [
            line("arrow_down", t.rich("download.title", file=name, size=_literal(t, file))),
            actions(button(t("download.save"), "open_address", url=url, style="primary")),
            *(small(fact) for fact in facts),
        ],
    }


def _literal(t: Texts, file: File) -> Block:
    return {"type": "text", "text": t.size(file.size)}


def all_files(
    t: Texts, link: Link, files: Sequence[tuple[File, str | None]], page: int, sitting: int
) -> Message:
    """A modal with every file of a sitting, each with its own signed link. `page` counts from 0."""
    here = files[page * PAGE : (page + 1) * PAGE]
    blocks: list[Block] = [small(t("download.once"))]
    for file, url in here:
        save = button(t("download.save"), "open_address", url=url) if url else None
        facts = _facts_line(t, file)
        blocks.append(
            plain(f"{facts}\nCRC64NVME {file.checksum}" if file.checksum else facts, save)
        )
    turn = [
        button(t(key), f"files_page_{key[-4:]}", value=f"{link.reference}/{sitting}/{number}")
        for key, number in (("list.prev", page - 1), ("list.next", page + 1))
        if 0 <= number * PAGE < len(files)
    ]
    return modal(t, t("news.all_title"), [*blocks, *([actions(*turn)] if turn else [])])


def reminder(t: Texts, link: Link, address: str) -> Message:
    """To the requester: nothing has come, and the link is about to end."""
    extend = button(
        t("card.extend", count=EXTEND_DAYS), "extend_link", value=link.reference, style="primary"
    )
    return {
        **QUIET,
        "text": t("news.reminder_text", what=escape(what(t, link))),
        "blocks": [
            line("bell", t.rich("news.reminder", what=what(t, link))),
            small(t("card.until", date=t.date(link.ends_at))),
            markup(t("news.paste")),
            line(None, [{"type": "text", "text": _to_paste(t, link, address)}]),
            *([] if link.embedded else [actions(extend)]),
        ],
    }


def _to_paste(t: Texts, link: Link, address: str) -> str:
    return t("news.to_paste", what=what(t, link), address=address)


def extended(t: Texts, link: Link) -> Message:
    """To whoever extended it, where nothing else shows that."""
    return {
        "response_type": "ephemeral",
        "replace_original": False,
        "text": t("news.extended", what=escape(what(t, link)), date=t.date(link.ends_at)),
    }


def ended(t: Texts, link: Link) -> Message:
    """To the requester: it has ended, and nothing has come."""
    again = button(t("news.again"), "ask_again", value=link.reference, style="primary")
    return {
        "text": t("news.ended", what=escape(what(t, link))),
        "blocks": [
            line("hourglass", t.rich("news.ended", what=what(t, link))),
            small(t("card.ended", date=t.date(link.ends_at))),
            actions(again),
        ],
    }
