"""Which links wait for a moment: index `clock` of the table (see `records`)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from uploads import shapes
from uploads.errors import Conflict, aws_errors, error_code, unless_lost
from uploads.links import Link

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

#: How long whoever takes up a link that is due has it for themselves.
LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Due:
    """A link (its reference) that waits for a moment, and the moment."""

    link: str
    at: datetime


class Agenda:
    """What is due. All calls block; all raise `Unavailable` in an outage."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def due(self, now: datetime, limit: int) -> list[Due]:
        """Links whose moment has come, the longest waiting first."""
        with aws_errors():
            answer = self._dynamodb.query(
                TableName=self._table,
                IndexName="clock",
                KeyConditionExpression="#clock = :due AND due_at <= :now",
                ExpressionAttributeNames={"#clock": "clock"},
                ExpressionAttributeValues={":due": {"S": "due"}, ":now": shapes.number(now)},
                Limit=limit,
            )
        return [
            Due(item["pk"]["S"].removeprefix("link#"), shapes.moment(item, "due_at"))
            for item in answer["Items"]
        ]

    def move(self, due: Due, to: datetime) -> bool:
        """Give a link another moment; False if somebody has been faster."""
        with unless_lost(), aws_errors():
            self._dynamodb.update_item(
                TableName=self._table,
                Key=shapes.key(due.link, "link"),
                UpdateExpression="SET due_at = :to",
                ConditionExpression="due_at = :at",
                ExpressionAttributeValues={
                    ":to": shapes.number(to),
                    ":at": shapes.number(due.at),
                },
            )
            return True
        return False

    def schedule(
        self, link: Link, due_at: datetime | None, look_at: datetime | None = None
    ) -> None:
        """Record until when a link's plan is signed, and its next moment, unless it was retired.

        `look_at` is when to look after its multipart uploads, if it has any.
        """
        if due_at is None:
            self.retire(link)
            return
        update = "SET signed_until = :signed, due_at = :due_at"
        values = {
            ":signed": shapes.number(link.signed_until or link.ends_at),
            ":due_at": shapes.number(due_at if look_at is None else min(due_at, look_at)),
            ":rev": {"N": str(link.rev)},
        }
        condition = "attribute_exists(due_at) AND rev <= :rev"
        if look_at is not None:
            update += ", look_at = :look"
            values[":look"] = shapes.number(look_at)
        elif link.look_at is not None:
            update += " REMOVE look_at"
        # Nobody may have begun another one since the link was read.
        if link.look_at is None:
            condition += " AND attribute_not_exists(look_at)"
        else:
            condition += " AND look_at = :seen"
            values[":seen"] = shapes.number(link.look_at)
        self._set(link, update, condition, values)

    def hasten(self, link: Link, look_at: datetime) -> None:
        """Have a link looked at then, if nothing else comes first, because an upload was begun.

        Raises `Conflict` where somebody changes the link at this moment.
        """
        at = {":at": shapes.number(look_at)}
        for update, condition in (
            ("SET look_at = :at", "attribute_exists(due_at)"),
            ("SET due_at = :at", "due_at > :at"),
        ):
            try:
                with aws_errors():
                    self._update(link, update, condition, at)
            except ClientError as error:
                if error_code(error) == "TransactionConflictException":
                    raise Conflict("changed_meanwhile") from None
                if error_code(error) != "ConditionalCheckFailedException":
                    raise

    def _set(self, link: Link, update: str, condition: str, values: dict[str, Any]) -> None:
        with unless_lost(), aws_errors():
            self._update(link, update, condition, values)

    def _update(self, link: Link, update: str, condition: str, values: dict[str, Any]) -> None:
        self._dynamodb.update_item(
            TableName=self._table,
            Key=shapes.key(link.reference, "link"),
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeValues=values,
        )

    def reminded(self, link: Link) -> None:
        """Record that the requester was reminded of this end, unless it is another by now."""
        values = {":yes": {"BOOL": True}, ":ends": shapes.number(link.ends_at)}
        self._set(link, "SET reminded = :yes", "ends_at = :ends", values)

    def retire(self, link: Link) -> None:
        """Put a link that is over on the other shelf, where no clock looks.

        Unless it has changed since it was read: somebody may have extended it.
        """
        with unless_lost(), aws_errors():
            self._dynamodb.update_item(
                TableName=self._table,
                Key=shapes.key(link.reference, "link"),
                UpdateExpression="SET shelf = :shelf REMOVE #clock, due_at, look_at",
                ConditionExpression="rev = :rev",
                ExpressionAttributeNames={"#clock": "clock"},
                ExpressionAttributeValues={
                    ":shelf": shapes.shelf(link, over=True)["shelf"],
                    ":rev": {"N": str(link.rev)},
                },
            )
