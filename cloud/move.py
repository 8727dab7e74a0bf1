"""A stack's move into a bucket that was there before, out of it, or from one to another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cloud import existing_bucket
from cloud.existing_bucket import BucketError
from cloud.merging import PREFIX, Tenant
from cloud.stack import Change, Stack

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@dataclass(slots=True)
class Move:
    """What would be done to buckets that are not the stack's own, and what is to be asked first.

    `enters` is there wherever the stack uses such a bucket, also if it has lived
    there before.
    """

    enters: Tenant | None
    leaves: Tenant | None
    changes: dict[str, list[Change]] = field(default_factory=dict)  #: by the bucket
    remarks: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


def plan(s3: "S3Client", stack: Stack, given: Mapping[str, str | None]) -> Move:
    """What a stack with these parameters, of which None stay as they are, makes necessary.

    Raises `BucketError` where the bucket cannot be used.
    """
    before, outputs = stack.parameters(), stack.outputs()
    told = before | {name: value for name, value in given.items() if value is not None}
    enters, left = _tenant(stack.name, told, outputs), before.get("ExistingUploadBucket")
    move = Move(enters, None)
    moves_out = left and (enters is None or enters.bucket != left)
    if left and moves_out and existing_bucket.is_there(s3, left):
        move.leaves = Tenant(stack=stack.name, bucket=left)
        move.changes[left] = existing_bucket.changes(s3, move.leaves, leaves=True)
    own = stack.names()["UploadBucket"]
    used, then = outputs.get("UploadBucket"), enters.bucket if enters else own
    if used and used != then:
        move.questions.append(
            f"Links that are open stop working. What lies in {used} stays there, where the bot no"
            " longer looks. Go on?"
        )
    if enters:
        if enters.bucket == own:
            raise BucketError(
                f'{own} is the stack\'s own bucket. Ask for it with --upload-bucket "".'
            )
        _enter(s3, move, enters, stack.account)
    return move


def _enter(s3: "S3Client", move: Move, enters: Tenant, account: str) -> None:
    existing_bucket.check(s3, enters, account)
    changes = existing_bucket.changes(s3, enters)
    move.remarks += existing_bucket.remarks(s3, enters.bucket)
    is_new = {change.action for change in changes} == {"Add"}
    if not existing_bucket.is_versioned(s3, enters.bucket):
        changes.append(Change("Modify", "versioning", "from now on", "False"))
        move.questions.append(
            f"{enters.bucket} begins to keep versions, of all that is in it. That can be suspended"
            " later, but not undone. Go on?"
        )
    if is_new and existing_bucket.is_in_use(s3, enters.bucket):
        move.questions.append(
            f"Something lies under {PREFIX} in {enters.bucket} already. From now on it counts as received:"
            " nothing replaces it, and it is deleted when received files are. Go on?"
        )
    move.changes[enters.bucket] = changes


def leave(s3: "S3Client", move: Move) -> None:
    """Before the stack changes: afterwards nobody knows where it was."""
    if move.leaves:
        existing_bucket.settle(s3, move.leaves, leaves=True)


def enter(s3: "S3Client", stack: Stack) -> None:
    """After the stack has changed: S3 asks whether it may write to the queue."""
    if lives := tenant(stack):
        existing_bucket.settle(s3, lives)


def tenant(stack: Stack) -> Tenant | None:
    """A stack that lives in a bucket which is not its own."""
    return _tenant(stack.name, stack.parameters(), stack.outputs())


def _tenant(name: str, told: Mapping[str, str], outputs: Mapping[str, str]) -> Tenant | None:
    if not (bucket := told.get("ExistingUploadBucket")):
        return None
    days = told.get("RetentionDays", "0")
    return Tenant(
        stack=name,
        bucket=bucket,
        queue=outputs.get("EventQueueArn", ""),
        origin=_origin(told, outputs),
        retention_days=int(days) if days.isdecimal() else 0,  # else the template will refuse it
    )


def _origin(told: Mapping[str, str], outputs: Mapping[str, str]) -> str:
    """Where people will open the page, as the template says it."""
    if origin := told.get("PageOrigin"):
        return origin
    if domain := told.get("DomainName"):
        return f"https://{domain}"
    return f"https://{outputs['DistributionDomain']}" if outputs else ""
