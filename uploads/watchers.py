"""Who looks at their links, and at which page: so that whichever bot changes one can show it.

pk = person#<user>   sk = watch   page, seal, at
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from uploads import shapes
from uploads.errors import aws_errors

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

#: How long after they last looked somebody is shown what changes.
WATCHING = timedelta(hours=12)

NEVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Watch:
    """Somebody's look: the `page` (see `shelves`), and the `seal` of what they were shown last.

    Whoever shows them anything names the seal, and is refused if it is no longer
    the latest: so nobody paints the past over the present.
    """

    page: str = ""
    seal: str = ""
    at: datetime = NEVER

    def lasts(self, now: datetime) -> bool:
        """Whether they may still be looking."""
        return now - self.at < WATCHING


class Watchers:
    """The looks. All calls block; all raise `Unavailable` in an outage."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def find(self, user: str) -> Watch:
        """How somebody looked last."""
        with aws_errors():
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=_key(user), ConsistentRead=True
            )
        item: dict[str, Any] = answer.get("Item", {})
        if not item:
            return Watch()
        return Watch(item["page"]["S"], item["seal"]["S"], shapes.moment(item, "at"))

    def keep(self, user: str, watch: Watch) -> None:
        """Record how somebody looks."""
        item = {
            **_key(user),
            "v": {"N": "1"},
            "page": {"S": watch.page},
            "seal": {"S": watch.seal},
            "at": shapes.number(watch.at),
        }
        with aws_errors():
            self._dynamodb.put_item(TableName=self._table, Item=item)


def _key(user: str) -> dict[str, Any]:
    return {"pk": {"S": f"person#{user}"}, "sk": {"S": "watch"}}
