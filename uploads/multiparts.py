"""Files on their way in parts, as the table knows them.

pk = link#<reference>   sk = intent#<number>   what was announced, and what has become of it
"""

from typing import TYPE_CHECKING, Any

from uploads import shapes
from uploads.errors import aws_errors, unless_lost
from uploads.links import File, IntentId
from uploads.multipart import Fate, Intent, Multipart

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class Multiparts:
    """What was announced of links. All calls block; all raise `Unavailable` in an outage."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def keep(self, multipart: Multipart) -> bool:
        """Record one that was begun; False if its announcement is recorded already."""
        with unless_lost(), aws_errors():
            self._dynamodb.put_item(
                TableName=self._table,
                Item=_item(multipart),
                ConditionExpression="attribute_not_exists(pk)",
            )
            return True
        return False

    def find(self, id: IntentId) -> Multipart | None:
        """What is recorded of an announcement."""
        with aws_errors():
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=_key(id), ConsistentRead=True
            )
        return _multipart(answer["Item"]) if "Item" in answer else None

    def of(self, reference: str) -> list[Multipart]:
        """All that was announced on a link, whatever has become of it."""
        return [_multipart(item) for item in self._all(reference, "intent#")]

    def with_files(self, reference: str) -> tuple[list[Multipart], list[File]]:
        """As `of`, and every file of the link, in the order of their slots."""
        items = self._all(reference, "file#", "intent#")
        return (
            [_multipart(item) for item in items if shapes.is_of(item, "intent#")],
            [shapes.file(item) for item in items if shapes.is_of(item, "file#")],
        )

    def _all(self, reference: str, *kinds: str) -> list[dict[str, Any]]:
        query = shapes.between(reference, *kinds)
        pages = self._dynamodb.get_paginator("query").paginate(TableName=self._table, **query)
        with aws_errors():
            return [item for page in pages for item in page["Items"]]

    def looked(self, multipart: Multipart) -> None:
        """Record how far one is, unless it has come to an end."""
        self._update(
            multipart.intent.id,
            "SET loaded = :loaded, speed = :speed, looked_at = :looked, moved_at = :moved",
            {
                ":loaded": {"N": str(multipart.loaded)},
                ":speed": {"N": str(multipart.speed)},
                ":looked": shapes.number(multipart.looked_at),
                ":moved": shapes.number(multipart.moved_at),
            },
        )

    def end(self, id: IntentId, fate: Fate) -> None:
        """Record what has become of one. What came first stays."""
        self._update(id, "SET fate = :fate", {":fate": {"S": fate.value}})

    def _update(self, id: IntentId, update: str, values: dict[str, Any]) -> None:
        with unless_lost(), aws_errors():
            self._dynamodb.update_item(
                TableName=self._table,
                Key=_key(id),
                UpdateExpression=update,
                ConditionExpression="fate = :open",
                ExpressionAttributeValues={":open": {"S": Fate.OPEN.value}, **values},
            )


def _key(id: IntentId) -> dict[str, Any]:
    return shapes.key(id.link, f"intent#{id.number:04}")


def _item(multipart: Multipart) -> dict[str, Any]:
    intent = multipart.intent
    return {
        **_key(intent.id),
        "v": {"N": "1"},
        "slot": {"N": str(intent.slot)},
        "size": {"N": str(intent.size)},
        "type": {"S": intent.content_type},
        "disposition": {"S": intent.disposition},
        "reply": {"S": intent.reply},
        "upload_id": {"S": multipart.upload_id},
        "part": {"N": str(multipart.part)},
        "begun_at": shapes.number(multipart.begun_at),
        "looked_at": shapes.number(multipart.looked_at),
        "moved_at": shapes.number(multipart.moved_at),
        "loaded": {"N": str(multipart.loaded)},
        "speed": {"N": str(multipart.speed)},
        "fate": {"S": multipart.fate.value},
    }


def _multipart(item: dict[str, Any]) -> Multipart:
    link, number = item["pk"]["S"].removeprefix("link#"), item["sk"]["S"].partition("#")[2]
    intent = Intent(
        id=IntentId(link, int(number)),
        slot=int(item["slot"]["N"]),
        size=int(item["size"]["N"]),
        content_type=item["type"]["S"],
        disposition=item["disposition"]["S"],
        reply=item["reply"]["S"],
    )
    return Multipart(
        intent=intent,
        upload_id=item["upload_id"]["S"],
        part=int(item["part"]["N"]),
        begun_at=shapes.moment(item, "begun_at"),
        looked_at=shapes.moment(item, "looked_at"),
        moved_at=shapes.moment(item, "moved_at"),
        loaded=int(item["loaded"]["N"]),
        speed=int(item["speed"]["N"]),
        fate=Fate(item["fate"]["S"]),
    )
