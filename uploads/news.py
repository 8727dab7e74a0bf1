"""Messages to Slack, each claimed before it is said, so that it is said once.

    pk = link#<reference>   sk = news#<what>   claim, claimed_at, unheard; then said, drawn, shown

S3 and SQS deliver twice, Slack accepts a post and loses the answer, a bot is
killed between any two lines, and several bots run. So whoever wants to say
something claims it first, by a conditional write, and records the message
afterwards. `unheard` is the set of claims of which nobody knows whether
anything was said: a claim is put into it, and taken out when it is known that
nothing was.
"""

import time
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from uploads import shapes
from uploads.errors import Unavailable, aws_errors, error_code

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

#: Seconds after which a claim without a message counts as abandoned: what a claim may
#: have taken (`FRESH_SECONDS`), one post to Slack (`SLACK_TIMEOUT` in bot.py), and the
#: rest for two bots whose clocks differ.
CLAIM_SECONDS = 60

#: Seconds that a claim may take to be made; if it took longer, it is made again. AWS is
#: asked more than once where an answer fails to come, and a claim ages meanwhile.
FRESH_SECONDS = 5.0

#: How often a claim is made before AWS counts as too slow for it.
_PATIENCE = 3


class Claim(Enum):
    """The outcome of asking to be the one who says something."""

    OURS = auto()  #: nothing was said: say it
    UNSURE = auto()  #: somebody tried and was not heard of: look first, then claim it again
    TAKEN = auto()  #: somebody is at it: ask again later
    SAID = auto()  #: done


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of news: of which link (its reference), and which, such as `sitting#2`."""

    link: str
    what: str


@dataclass(frozen=True, slots=True)
class Said:
    """A message that stands: `channel/ts`, and which revision of its link it shows, with all
    that belongs to it.
    """

    message: str
    shown: int


class News:
    """What was said of each link. All calls block; all raise `Unavailable` in an outage."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def said(self, piece: Piece) -> Said | None:
        """The message for a piece of news, if there is one."""
        item = self._item(piece)
        if "said" not in item:
            return None
        return Said(item["said"]["S"], int(item["shown"]["N"]))

    def claim(self, piece: Piece, token: str, *, looked: bool = False) -> Claim:
        """Ask to say it, in the name of `token`, which is for one attempt to say one piece.

        The first to ask gets it, until `CLAIM_SECONDS` from now. Asking again with
        the same token prolongs that; `looked` says that nothing stands of what
        was unheard before it. Raises `Unavailable` where AWS is too slow for it.
        """
        for _ in range(_PATIENCE):
            started = time.monotonic()
            outcome = self._claim(piece, token, int(time.time()), looked=looked)
            if outcome in {Claim.TAKEN, Claim.SAID}:
                return outcome
            if time.monotonic() - started < FRESH_SECONDS:
                return outcome
        raise Unavailable("aws_busy")

    def _claim(self, piece: Piece, token: str, now: int, *, looked: bool) -> Claim:
        # Written so that it may be repeated, as boto does when an answer is lost.
        update = "SET v = :v, claim = :token, claimed_at = :now"
        update += ", unheard = :tokens" if looked else " ADD unheard :tokens"
        # Whoever has looked for longer than a claim lasts knows nothing of who came since.
        free = "claim = :token"
        if not looked:
            free += " OR attribute_not_exists(claim) OR claimed_at < :abandoned"
        values: dict[str, Any] = {
            ":v": {"N": "1"},
            ":token": {"S": token},
            ":tokens": {"SS": [token]},
            ":now": {"N": str(now)},
        }
        if not looked:
            values[":abandoned"] = {"N": str(now - CLAIM_SECONDS)}
        try:
            with aws_errors():
                answer = self._dynamodb.update_item(
                    TableName=self._table,
                    Key=_key(piece),
                    UpdateExpression=update,
                    ConditionExpression=f"attribute_not_exists(said) AND ({free})",
                    ExpressionAttributeValues=values,
                    ReturnValues="UPDATED_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            return Claim.SAID if "said" in _lost_to(error) else Claim.TAKEN
        return Claim.OURS if answer["Attributes"]["unheard"]["SS"] == [token] else Claim.UNSURE

    def release(self, piece: Piece, token: str, *, unheard: bool = False) -> None:
        """Let anybody claim it at once. Nothing was said, unless it is `unheard`."""
        values: dict[str, Any] = {":token": {"S": token}, ":long_ago": {"N": "0"}}
        update = "SET claimed_at = :long_ago"
        if not unheard:
            update += " DELETE unheard :tokens"
            values[":tokens"] = {"SS": [token]}
        self._update(piece, update, "claim = :token", values)

    def record(self, piece: Piece, message: str) -> None:
        """Record the message that says it. It will not be said again."""
        self._update(
            piece,
            "SET v = :v, said = :message, shown = :zero",
            "attribute_not_exists(shown) OR shown <= :zero",
            {":v": {"N": "1"}, ":message": {"S": message}, ":zero": {"N": "0"}},
        )

    def forget(self, piece: Piece, message: str) -> None:
        """Forget a message that is gone, so that the next to come says it again."""
        self._update(
            piece,
            "REMOVE said, shown, drawn, claim, claimed_at, unheard",
            "said = :message",
            {":message": {"S": message}},
        )

    def shows(self, piece: Piece, rev: int) -> None:
        """Record that a message shows its link as it was at a revision."""
        self._update(piece, "SET shown = :rev", "shown < :rev", {":rev": {"N": str(rev)}})

    def draws(self, piece: Piece, rev: int) -> bool:
        """Record that somebody is about to draw a message anew, as of a revision.

        False where it shows that already.
        """
        values = {":rev": {"N": str(rev)}}
        stands = self._update(
            piece, "SET drawn = :rev", "attribute_not_exists(drawn) OR drawn < :rev", values
        )
        return stands is None or "shown" not in stands or int(stands["shown"]["N"]) < rev

    def drawn(self, piece: Piece) -> int:
        """The latest revision that anybody was about to draw."""
        item = self._item(piece)
        return int(item["drawn"]["N"]) if "drawn" in item else 0

    def drew(self, piece: Piece, message: str, rev: int) -> bool:
        """Record the message and what it shows.

        False, with nothing recorded, where somebody has announced a later revision meanwhile.
        """
        values = {":v": {"N": "1"}, ":message": {"S": message}, ":rev": {"N": str(rev)}}
        update = "SET v = :v, said = :message, shown = :rev"
        return self._update(piece, update, "drawn <= :rev", values) is None

    def _item(self, piece: Piece) -> dict[str, Any]:
        with aws_errors():
            answer = self._dynamodb.get_item(
                TableName=self._table, Key=_key(piece), ConsistentRead=True
            )
        return answer.get("Item", {})

    def _update(
        self, piece: Piece, update: str, condition: str, values: dict[str, Any]
    ) -> dict[str, Any] | None:
        """Change what is recorded, unless somebody else has gone further already.

        Returns what stands there in that case, and None where it was changed.
        """
        try:
            with aws_errors():
                self._dynamodb.update_item(
                    TableName=self._table,
                    Key=_key(piece),
                    UpdateExpression=update,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=values,
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            return _lost_to(error)
        return None


def _lost_to(error: ClientError) -> dict[str, Any]:
    """The item that did not meet a condition. Raises the error again if it says anything else."""
    if error_code(error) != "ConditionalCheckFailedException":
        raise error
    item: dict[str, Any] = error.response.get("Item", {})  # type: ignore[assignment]
    return item


def _key(piece: Piece) -> dict[str, Any]:
    return shapes.key(piece.link, f"news#{piece.what}")
