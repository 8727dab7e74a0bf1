"""How links, files and cover notes look in the table. Pure, both ways.

A release that only adds to a record keeps its version. One that lets something
mean what it did not mean before counts it up, and an older bot beside it leaves
such records to it.
"""

from datetime import UTC, datetime
from typing import Any

from uploads.errors import UploadLinkError
from uploads.links import Cover, CoverId, File, FileId, Link, Place, Sender, Verdict

Item = dict[str, Any]

#: Of the records that we write, and the latest that we can read.
VERSION = 1


def key(reference: str, sort: str) -> Item:
    return {"pk": {"S": f"link#{reference}"}, "sk": {"S": sort}}


def between(reference: str, first: str, last: str = "") -> Item:
    """A query for what belongs to a link, of one kind of sort key, such as `file#`.

    Or from one kind to another: what lies between the two comes, too, and `is_of` tells them apart.
    """
    return {
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": {
            ":pk": key(reference, "")["pk"],
            ":first": {"S": first},
            # After all that a number or a moment may begin with.
            ":last": {"S": f"{last or first}~"},
        },
        "ConsistentRead": True,
    }


def is_of(item: Item, kind: str) -> bool:
    """Whether it has that kind of sort key."""
    return bool(item["sk"]["S"].startswith(kind))


def number(moment: datetime) -> Item:
    """A moment as seconds since 1970."""
    return {"N": str(int(moment.timestamp()))}


def moment(item: Item, name: str) -> datetime:
    return datetime.fromtimestamp(int(item[name]["N"]), UTC)


def shelf(link: Link, *, over: bool) -> Item:
    """Where a link stands among its requester's."""
    return {"shelf": {"S": f"{'over' if over else 'open'}#{link.requester}"}}


def place_value(place: Place) -> Item:
    said: Item = {"channel": {"S": place.channel}, "direct": {"BOOL": place.direct}}
    for name, value in (("card", place.card), ("thread", place.thread)):
        if value is not None:
            said[name] = {"S": value}
    return {"M": said}


def link_item(link: Link) -> Item:
    item: Item = {
        **key(link.reference, "link"),
        "v": {"N": str(VERSION)},
        "id": {"S": link.id},
        "title": {"S": link.title},
        "note": {"S": link.note},
        "requester": {"S": link.requester},
        "requester_name": {"S": link.requester_name},
        "made_at": number(link.made_at),
        "ends_at": number(link.ends_at),
        "files": {"N": str(link.files)},
        "max_size": {"N": str(link.max_size)},
        "sender": {"S": link.sender.value},
        "embedded": {"BOOL": link.embedded},
        "place": place_value(link.place),
        "rev": {"N": str(link.rev)},
    }
    if link.signed_until is not None:
        item["signed_until"] = number(link.signed_until)
    return item


def link(item: Item) -> Link:
    """Raises `UploadLinkError`, as all that read a record, for one of a later version."""
    _check(item)
    place = item["place"]["M"]
    return Link(
        id=item["id"]["S"],
        title=item["title"]["S"],
        note=item["note"]["S"],
        requester=item["requester"]["S"],
        requester_name=item["requester_name"]["S"],
        made_at=moment(item, "made_at"),
        ends_at=moment(item, "ends_at"),
        files=int(item["files"]["N"]),
        max_size=int(item["max_size"]["N"]),
        sender=Sender(item["sender"]["S"]),
        embedded=item["embedded"]["BOOL"],
        place=Place(
            channel=place["channel"]["S"],
            card=_text(place, "card") or None,
            thread=_text(place, "thread") or None,
            direct=place["direct"]["BOOL"],
        ),
        signed_until=moment(item, "signed_until") if "signed_until" in item else None,
        look_at=moment(item, "look_at") if "look_at" in item else None,
        reminded="reminded" in item,
        rev=_count(item, "rev"),
        received=_count(item, "received"),
        received_bytes=_count(item, "received_bytes"),
        held=_count(item, "held"),
        announced=_count(item, "announced"),
        senders=tuple(name["S"] for name in item.get("senders", {"L": []})["L"]),
        sitting=_count(item, "sitting"),
        last_at=moment(item, "last_at") if "last_at" in item else None,
        closed_at=moment(item, "closed_at") if "closed_at" in item else None,
        closed_by=_text(item, "closed_by"),
    )


def file_item(file: File) -> Item:
    return {
        **key(file.id.link, f"file#{file.id.slot:04}"),
        "v": {"N": str(VERSION)},
        "name": {"S": file.name},
        "size": {"N": str(file.size)},
        "type": {"S": file.content_type},
        "arrived_at": number(file.arrived_at),
        "mark": {"S": file.mark},
        "checksum": {"S": file.checksum},
        "held": {"BOOL": file.held},
        "sitting": {"N": str(file.sitting)},
        "verdict": {"S": file.verdict.value},
    }


def file(item: Item) -> File:
    _check(item)
    return File(
        id=FileId(item["pk"]["S"].removeprefix("link#"), _slot(item)),
        name=item["name"]["S"],
        size=_count(item, "size"),
        content_type=item["type"]["S"],
        arrived_at=moment(item, "arrived_at"),
        mark=item["mark"]["S"],
        checksum=item["checksum"]["S"],
        held=item["held"]["BOOL"],
        sitting=_count(item, "sitting"),
        gone="gone" in item,
        verdict=Verdict(_text(item, "verdict")),
        kept_at=moment(item, "kept_at") if "kept_at" in item else None,
    )


def cover_item(cover: Cover) -> Item:
    return {
        **key(cover.id.link, f"cover#{cover.id.number:04}"),
        "v": {"N": str(VERSION)},
        "mark": {"S": cover.mark},
        "name": {"S": cover.name},
        "note": {"S": cover.note},
        "files": {"N": str(cover.files)},
        "size": {"N": str(cover.size)},
    }


def cover(item: Item) -> Cover:
    _check(item)
    return Cover(
        id=CoverId(item["pk"]["S"].removeprefix("link#"), _slot(item)),
        mark=item["mark"]["S"],
        name=item["name"]["S"],
        note=item["note"]["S"],
        files=_count(item, "files"),
        size=_count(item, "size"),
    )


def _check(item: Item) -> None:
    if _count(item, "v") > VERSION:
        raise UploadLinkError("newer_record", version=_count(item, "v"))


def _slot(item: Item) -> int:
    return int(item["sk"]["S"].partition("#")[2])


def _text(item: Item, name: str) -> str:
    return str(item[name]["S"]) if name in item else ""


def _count(item: Item, name: str) -> int:
    return int(item[name]["N"]) if name in item else 0
