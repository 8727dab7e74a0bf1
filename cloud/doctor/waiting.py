"""How long an event takes to a bot, and what has become of one that does not get there.

The doctor takes messages from the queue only where nothing else waits in it:
each receive counts towards the dead-letter queue's limit, and a doctor that
comes every few minutes must not drive files there while a bot is down.
"""

import time
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from cloud.doctor.finding import Check, Finding
from cloud.doctor.installation import Installation
from cloud.doctor.looking import DOCTOR_POLICY
from uploads.arrivals import Probe, read
from uploads.errors import Unreadable

if TYPE_CHECKING:
    from types_boto3_sqs.type_defs import MessageTypeDef

EVENT = Check("upload.event", "its event, by the queue, to a bot")

#: Seconds between two looks at the table.
_EVERY = 0.1

#: Seconds that one receive waits, and how often it is tried.
_RECEIVE, _TRIES = 1, 2

_START = (
    "Start the bot: python bot.py. If it runs, see its log, and whether its settings are these."
)


def waiting_messages(it: Installation) -> int | None:
    """How many messages of the queue nobody has taken, about; None where that is not to be seen."""
    try:
        said = it.reading.sqs.get_queue_attributes(
            QueueUrl=it.settings.event_queue_url, AttributeNames=["ApproximateNumberOfMessages"]
        )
    except (BotoCoreError, ClientError):
        return None
    return int(said["Attributes"]["ApproximateNumberOfMessages"])


def wait(it: Installation, nonce: str, before: int | None) -> Finding:
    """Wait for a bot's answer; `before` is how many messages waited before the object was put."""
    started = time.monotonic()
    while not it.stop.is_set():
        answered = it.ours.probes.answered(nonce)
        seconds = time.monotonic() - started
        if answered:
            return EVENT.ok(f"a bot answered after {seconds:.1f} s")
        if seconds > it.wish.patience:
            break
        it.stop.wait(_EVERY)
    if it.stop.is_set():
        return EVENT.skipped("interrupted")
    silence = f"no bot answered within {it.wish.patience:g} s"
    waiting = waiting_messages(it)
    if before is None or waiting is None:
        return EVENT.unseen(
            f"{silence}, and whether the event came is not to be seen", DOCTOR_POLICY
        )
    if waiting > 1 or (before and waiting):
        return EVENT.bad(f"{silence}; about {waiting} events wait in the queue", _START)
    if not before and _is_in_queue(it, nonce):
        return EVENT.bad(f"the event came, but {silence}: nobody is told of files", _START)
    return EVENT.bad(
        f"the event did not come, and {silence}",
        "See bucket.notification and queue.policy. If they are right, something else takes from"
        " this queue: a bot with another LINK_TABLE, or one of an older version.",
    )


def _is_in_queue(it: Installation, nonce: str) -> bool:
    """Whether the event is in the queue; then it is taken out."""
    for _ in range(_TRIES):
        received = it.ours.sqs.receive_message(
            QueueUrl=it.settings.event_queue_url,
            MaxNumberOfMessages=1,
            WaitTimeSeconds=_RECEIVE,
            VisibilityTimeout=5,
        )
        for message in received.get("Messages", []):
            if _is_ours(it, message, nonce):
                it.ours.sqs.delete_message(
                    QueueUrl=it.settings.event_queue_url, ReceiptHandle=message["ReceiptHandle"]
                )
                return True
            it.ours.sqs.change_message_visibility(
                QueueUrl=it.settings.event_queue_url,
                ReceiptHandle=message["ReceiptHandle"],
                VisibilityTimeout=0,
            )
    return False


def _is_ours(it: Installation, message: "MessageTypeDef", nonce: str) -> bool:
    try:
        return Probe(nonce) in read(message["Body"], it.settings.upload_bucket)
    except Unreadable:
        return False
