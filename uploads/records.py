"""Links, their files and their news, kept in one DynamoDB table.

    pk = link#<reference>   sk = link             the link
                            sk = file#<slot>      a file that landed
                            sk = cover#<number>   what an uploader said of themselves
                            sk = intent#<number>  a file on its way in parts: see `multiparts`
                            sk = news#<what>      a message to Slack: claimed, then said
                            sk = act#<moment>…    one line of the link's history

    pk = person#<user>      sk = watch            what somebody looks at: see `watchers`
    pk = doctor#<nonce>     sk = probe            a question whether events get here: see `probes`

    index `shelf`   shelf = open#<user> or over#<user>, made_at    somebody's links
    index `clock`   clock = due, due_at                            links that wait for a moment

Both indexes are sparse: only links are on a shelf, and only those that time can
still change are on the clock. Every item carries `v`, the version of its shape.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from uploads import shapes
from uploads.agenda import LEASE
from uploads.errors import LOST, Conflict, NotThere, aws_errors, error_code, unless_lost
from uploads.links import Cover, File, FileId, Link, Verdict
from uploads.shelves import Mark

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """One line of a link's history: what was done, by whom (a Slack user, or "" for a stranger)."""

    what: str
    who: str
    at: datetime
    detail: str = ""


class Records:
    """The table. All calls block; all raise `Unavailable` in an outage."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    # Links.

    def keep(self, link: Link, due_at: datetime) -> None:
        """Record a new link. May be repeated: its id is nobody else's."""
        item = shapes.link_item(link) | shapes.shelf(link, over=False)
        item |= {"clock": {"S": "due"}, "due_at": shapes.number(due_at)}
        with aws_errors():
            self._dynamodb.put_item(TableName=self._table, Item=item)

    def find(self, reference: str) -> Link:
        """A link by its reference. Raises `NotThere`."""
        with aws_errors():
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=shapes.key(reference, "link"), ConsistentRead=True
            )
        if "Item" not in answer:
            raise NotThere("no_such_link")
        return shapes.link(answer["Item"])

    def note_file(self, link: Link, file: File, act: Act) -> Link:
        """Record that a file landed, together with what that makes of the link.

        `act` is how the history tells it. Returns the link as it now is. Raises `Conflict`
        where the link has changed since it was read, or the file is recorded already.
        """
        after = replace(
            link,
            rev=link.rev + 1,
            received=link.received + 1,
            received_bytes=link.received_bytes + file.size,
            held=link.held + file.held,
            sitting=file.sitting,
            last_at=act.at,
        )
        self._change(
            link,
            "SET rev = :next, received = :received, received_bytes = :bytes,"
            " held = :held, sitting = :sitting, last_at = :at",
            {
                ":received": {"N": str(after.received)},
                ":bytes": {"N": str(after.received_bytes)},
                ":held": {"N": str(after.held)},
                ":sitting": {"N": str(after.sitting)},
                ":at": shapes.number(act.at),
            },
            new=[shapes.file_item(file), _act_item(link.reference, act)],
        )
        return after

    def note_cover(self, link: Link, cover: Cover) -> Link:
        """Record what an uploader said. As `note_file`."""
        announced = link.announced + cover.files
        named = (*link.senders, cover.name) if cover.name else link.senders
        senders = tuple(dict.fromkeys(named))
        self._change(
            link,
            "SET rev = :next, announced = :announced, senders = :senders",
            {
                ":announced": {"N": str(announced)},
                ":senders": {"L": [{"S": name} for name in senders]},
            },
            new=[shapes.cover_item(cover)],
        )
        return replace(link, rev=link.rev + 1, announced=announced, senders=senders)

    def keep_file(self, link: Link, file: FileId, act: Act) -> Link:
        """Record that a file's retention began anew.

        Raises `Conflict` if the link has changed since it was read, or the file is gone.
        """
        return self._change_file(link, file, "kept_at", shapes.number(act.at), act)

    def lose_file(self, link: Link, file: FileId, act: Act) -> Link:
        """Record that a file was deleted. As `keep_file`."""
        return self._change_file(link, file, "gone", {"BOOL": True}, act)

    def judge_file(self, link: Link, file: FileId, verdict: Verdict, act: Act) -> Link:
        """Record what a scan made of a file. As `keep_file`."""
        return self._change_file(link, file, "verdict", {"S": verdict.value}, act)

    def _change_file(self, link: Link, file: FileId, name: str, value: Item, act: Act) -> Link:
        change: Item = {
            "TableName": self._table,
            "Key": shapes.key(file.link, f"file#{file.slot:04}"),
            "UpdateExpression": f"SET {name} = :value",
            "ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(gone)",
            "ExpressionAttributeValues": {":value": value},
        }
        self._change(
            link, "SET rev = :next", {}, new=[_act_item(link.reference, act)], beside=change
        )
        return replace(link, rev=link.rev + 1)

    def extend(self, link: Link, ends_at: datetime, act: Act) -> Link:
        """Let a link live until another moment. Raises `Conflict` if it has changed since.

        The clock looks at it soon, unless it is given another moment before.
        """
        self._change(
            link,
            "SET rev = :next, ends_at = :ends, shelf = :shelf, #clock = :due, due_at = :due_at"
            # Whoever looks next signs it anew, if nobody lives to do it now.
            " REMOVE reminded, signed_until",
            {
                ":ends": shapes.number(ends_at),
                ":shelf": shapes.shelf(link, over=False)["shelf"],
                ":due": {"S": "due"},
                ":due_at": shapes.number(act.at + LEASE),
            },
            new=[_act_item(link.reference, act)],
            names={"#clock": "clock"},
        )
        return replace(link, rev=link.rev + 1, ends_at=ends_at, reminded=False, signed_until=None)

    def close(self, link: Link, act: Act) -> Link:
        """Record that somebody closed a link. Raises `Conflict` if it has changed since.

        It stays on the clock until it is `retire`d.
        """
        self._change(
            link,
            "SET rev = :next, closed_at = :at, closed_by = :by, shelf = :shelf,"
            " #clock = :due, due_at = :due_at",
            {
                ":at": shapes.number(act.at),
                ":by": {"S": act.who},
                ":shelf": shapes.shelf(link, over=True)["shelf"],
                ":due": {"S": "due"},
                ":due_at": shapes.number(act.at + LEASE),
            },
            new=[_act_item(link.reference, act)],
            names={"#clock": "clock"},
        )
        return replace(link, rev=link.rev + 1, closed_at=act.at, closed_by=act.who)

    def _change(
        self,
        link: Link,
        update: str,
        values: Item,
        *,
        new: Sequence[Item],
        names: dict[str, str] | None = None,
        beside: Item | None = None,
    ) -> None:
        """Change a link if it is still as it was read, and add the new items in the same stroke.

        `beside` is another update of that stroke.

        A lost answer is no `Conflict`: botocore repeats a transaction under one token.
        """
        change: Item = {
            "TableName": self._table,
            "Key": shapes.key(link.reference, "link"),
            "UpdateExpression": update,
            "ConditionExpression": "rev = :rev",
            "ExpressionAttributeValues": {
                ":rev": {"N": str(link.rev)},
                ":next": {"N": str(link.rev + 1)},
                **values,
            },
        }
        if names:
            change["ExpressionAttributeNames"] = names
        unless = "attribute_not_exists(pk)"
        strokes: list[Any] = [{"Update": update} for update in (change, beside) if update]
        strokes += [
            {"Put": {"TableName": self._table, "Item": item, "ConditionExpression": unless}}
            for item in new
        ]
        try:
            with aws_errors():
                self._dynamodb.transact_write_items(TransactItems=strokes)
        except ClientError as error:
            if error_code(error) in LOST:
                raise Conflict("changed_meanwhile") from None
            raise

    # What belongs to a link.

    def file(self, file: FileId) -> File | None:
        """What is recorded of a file."""
        with aws_errors():
            answer = self._dynamodb.get_item(
                TableName=self._table,
                Key=shapes.key(file.link, f"file#{file.slot:04}"),
                ConsistentRead=True,
            )
        return shapes.file(answer["Item"]) if "Item" in answer else None

    def mark_gone(self, file: FileId) -> None:
        """Record that a file which had landed was deleted."""
        with unless_lost(), aws_errors():
            self._dynamodb.update_item(
                TableName=self._table,
                Key=shapes.key(file.link, f"file#{file.slot:04}"),
                UpdateExpression="SET gone = :yes",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={":yes": {"BOOL": True}},
            )

    def files(self, reference: str) -> list[File]:
        """Every file of a link, in the order of their slots."""
        return [shapes.file(item) for item in self._all(reference, "file#")]

    def files_and_covers(self, reference: str) -> tuple[list[File], list[Cover]]:
        """Every file of a link, in the order of their slots, and every cover note."""
        items = list(self._all(reference, "cover#", "file#"))
        return (
            [shapes.file(item) for item in items if shapes.is_of(item, "file#")],
            [shapes.cover(item) for item in items if shapes.is_of(item, "cover#")],
        )

    def history(self, reference: str) -> list[Act]:
        """What was done with a link, oldest first."""
        return [
            Act(
                item["what"]["S"],
                item["who"]["S"],
                datetime.fromisoformat(item["sk"]["S"].split("#")[1]),
                item["detail"]["S"],
            )
            for item in self._all(reference, "act#")
        ]

    def remember(self, reference: str, act: Act) -> None:
        """Add a line to a link's history."""
        with aws_errors():
            self._dynamodb.put_item(TableName=self._table, Item=_act_item(reference, act))

    def _all(self, reference: str, *kinds: str) -> Iterator[Item]:
        yield from self._query(**shapes.between(reference, *kinds))

    def _query(self, **query: Any) -> Iterator[Item]:
        more: Item = {}
        while True:
            with aws_errors():
                answer = self._dynamodb.query(TableName=self._table, **query, **more)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            more = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    # Somebody's links.

    def shelf(
        self,
        user: str,
        *,
        over: bool,
        limit: int,
        beside: Mark | None = None,
        newer: bool = False,
    ) -> list[Link]:
        """Somebody's open links, or those that are over; at most `limit`.

        Newest first; with `newer`, oldest first. Those that follow a mark, where one is given.
        """
        more: Item = {}
        if beside is not None:
            more["ExclusiveStartKey"] = {
                **shapes.key(beside.link, "link"),
                "shelf": {"S": _shelf_name(user, beside.over)},
                "made_at": {"N": str(beside.made_at)},
            }
        with aws_errors():
            answer = self._dynamodb.query(
                TableName=self._table,
                IndexName="shelf",
                KeyConditionExpression="shelf = :shelf",
                ExpressionAttributeValues={":shelf": {"S": _shelf_name(user, over)}},
                ScanIndexForward=newer,
                Limit=limit,
                **more,
            )
        return [shapes.link(item) for item in answer["Items"]]

    def count(self, user: str, *, over: bool, since: datetime | None = None) -> int:
        """How many links of somebody's are open, or over; with `since`, made since then."""
        condition, values = "shelf = :shelf", {":shelf": {"S": _shelf_name(user, over)}}
        if since is not None:
            condition += " AND made_at >= :since"
            values[":since"] = shapes.number(since)
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="shelf",
            Select="COUNT",
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
        )
        with aws_errors():
            return sum(page["Count"] for page in pages)


def _shelf_name(user: str, over: bool) -> str:
    return f"{'over' if over else 'open'}#{user}"


def _act_item(reference: str, act: Act) -> Item:
    moment = act.at.astimezone(UTC).isoformat(timespec="milliseconds")
    return {
        **shapes.key(reference, f"act#{moment}#{secrets.token_hex(4)}"),
        "v": {"N": "1"},
        "what": {"S": act.what},
        "who": {"S": act.who},
        "detail": {"S": act.detail},
    }
