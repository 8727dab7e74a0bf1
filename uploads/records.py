"""Links and their files, kept in one DynamoDB table.

    pk = link#<link id>   sk = link          the link
                          sk = file#<slot>   a file that landed, and its announcement

Every item carries `v`, the version of its shape.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from uploads.errors import NotThere, aws_errors, error_code
from uploads.links import File, FileId, Link, Place

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

#: Seconds after which a claim without an announcement counts as abandoned.
#: Longer than a post to Slack may take (see `handlers/telling.py`).
CLAIM_SECONDS = 20


class Claim(Enum):
    """The outcome of asking to be the one who announces a file."""

    OURS = auto()  #: nobody has tried: announce it
    UNSURE = auto()  #: somebody tried and was not heard of again: look first, then announce
    TAKEN = auto()  #: somebody is at it: ask again later
    ANNOUNCED = auto()  #: done


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link that people have, and where its news goes."""

    link: Link
    place: Place


class Records:
    """The table. All calls block; all raise `Unavailable` in an outage."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def keep(self, opened: OpenLink) -> None:
        """Record a new link. May be repeated: its id is nobody else's."""
        with aws_errors():
            self._dynamodb.put_item(TableName=self._table, Item=_link_item(opened))

    def find(self, link_id: str) -> OpenLink:
        """A link by its id. Raises `NotThere`."""
        with aws_errors():
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=_key(link_id, "link"), ConsistentRead=True
            )
        if "Item" not in answer:
            raise NotThere("There is no such link.")
        return _link(answer["Item"])

    def claim(self, file: File, token: str, now: datetime) -> Claim:
        """Ask to announce a file, in the name of `token`; the first to ask gets it.

        The claim is recorded before anything is said, so that of any number of
        replicas and deliveries one speaks. Asking again with the same token is
        how its owner comes back after not knowing whether it was heard.
        """
        seconds = int(now.timestamp())
        try:
            with aws_errors():
                answer = self._dynamodb.update_item(
                    TableName=self._table,
                    Key=_file_key(file.id),
                    UpdateExpression=(
                        "SET v = :v, #name = :name, #size = :size, #type = :type,"
                        " arrived_at = :arrived, claim = :token, claimed_at = :now"
                    ),
                    ConditionExpression=(
                        "attribute_not_exists(announced) AND (attribute_not_exists(claim)"
                        " OR claim = :token OR claimed_at < :abandoned)"
                    ),
                    ExpressionAttributeNames={"#name": "name", "#size": "size", "#type": "type"},
                    ExpressionAttributeValues={
                        ":v": {"N": "1"},
                        ":name": {"S": file.name},
                        ":size": {"N": str(file.size)},
                        ":type": {"S": file.content_type},
                        ":arrived": _seconds(file.arrived_at),
                        ":token": {"S": token},
                        ":now": {"N": str(seconds)},
                        ":abandoned": {"N": str(seconds - CLAIM_SECONDS)},
                    },
                    ReturnValues="ALL_OLD",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            lost_to: dict[str, Any] = error.response.get("Item", {})  # type: ignore[assignment]
            return Claim.ANNOUNCED if "announced" in lost_to else Claim.TAKEN
        return Claim.UNSURE if "claim" in answer.get("Attributes", {}) else Claim.OURS

    def release(self, file: FileId, token: str) -> None:
        """Give a claim back, because nothing was said and it is known that nothing was."""
        try:
            with aws_errors():
                self._dynamodb.update_item(
                    TableName=self._table,
                    Key=_file_key(file),
                    UpdateExpression="REMOVE claim, claimed_at",
                    ConditionExpression="claim = :token",
                    ExpressionAttributeValues={":token": {"S": token}},
                )
        except ClientError as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise  # a claim that somebody else took over is given back already

    def announced(self, file: FileId, message: str) -> None:
        """Record that a file was announced, and by which message."""
        with aws_errors():
            self._dynamodb.update_item(
                TableName=self._table,
                Key=_file_key(file),
                UpdateExpression="SET announced = :message",
                ExpressionAttributeValues={":message": {"S": message}},
            )


def _key(link_id: str, sort: str) -> dict[str, Any]:
    return {"pk": {"S": f"link#{link_id}"}, "sk": {"S": sort}}


def _file_key(file: FileId) -> dict[str, Any]:
    return _key(file.link, f"file#{file.slot}")


def _seconds(moment: datetime) -> dict[str, str]:
    return {"N": str(int(moment.timestamp()))}


def _moment(item: dict[str, Any], name: str) -> datetime:
    return datetime.fromtimestamp(int(item[name]["N"]), UTC)


def _link_item(opened: OpenLink) -> dict[str, Any]:
    link, place = opened.link, opened.place
    item = {
        **_key(link.id, "link"),
        "v": {"N": "1"},
        "title": {"S": link.title},
        "requester": {"S": link.requester},
        "requester_name": {"S": link.requester_name},
        "made_at": _seconds(link.made_at),
        "ends_at": _seconds(link.ends_at),
        "channel": {"S": place.channel},
        "direct": {"BOOL": place.direct},
    }
    return item if place.card is None else {**item, "card": {"S": place.card}}


def _link(item: dict[str, Any]) -> OpenLink:
    return OpenLink(
        Link(
            id=item["pk"]["S"].removeprefix("link#"),
            title=item["title"]["S"],
            requester=item["requester"]["S"],
            requester_name=item["requester_name"]["S"],
            made_at=_moment(item, "made_at"),
            ends_at=_moment(item, "ends_at"),
        ),
        Place(
            channel=item["channel"]["S"],
            card=item["card"]["S"] if "card" in item else None,
            direct=item["direct"]["BOOL"],
        ),
    )
