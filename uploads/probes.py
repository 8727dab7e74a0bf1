"""A question that goes the way of a file: put an object, and see whether a bot hears of it.

pk = doctor#<nonce>   sk = probe   answered_at

Whoever asks writes the item, puts an object under the probe's key, and waits
for a bot to answer in the item. They delete both, so that a late answer finds
nothing to answer, and leaves nothing.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from uploads import shapes
from uploads.errors import aws_errors, unless_lost

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class Probes:
    """The questions. All calls block; all raise `Unavailable` in an outage."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def ask(self, nonce: str) -> None:
        """Write the question down."""
        with aws_errors():
            self._dynamodb.put_item(TableName=self._table, Item={**_key(nonce), "v": {"N": "1"}})

    def answer(self, nonce: str, at: datetime) -> None:
        """Say that its event came, if anybody still asks."""
        with unless_lost(), aws_errors():
            self._dynamodb.update_item(
                TableName=self._table,
                Key=_key(nonce),
                UpdateExpression="SET answered_at = :at",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={":at": shapes.number(at)},
            )

    def answered(self, nonce: str) -> bool:
        """Whether a bot has answered."""
        with aws_errors():
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=_key(nonce), ConsistentRead=True
            )
        return "answered_at" in answer.get("Item", {})

    def forget(self, nonce: str) -> None:
        """Ask no more."""
        with aws_errors():
            self._dynamodb.delete_item(TableName=self._table, Key=_key(nonce))


def _key(nonce: str) -> dict[str, Any]:
    return {"pk": {"S": f"doctor#{nonce}"}, "sk": {"S": "probe"}}
