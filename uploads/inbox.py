"""The queue that S3's events come through. A message is deleted only when its work is done."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from uploads.errors import aws_errors

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

#: Seconds that a received message stays hidden from other replicas. Whoever
#: holds it longer must `keep` it; whoever dies gives it back after this.
HIDDEN_SECONDS = 60

#: Seconds that one receive waits for a message. SQS allows 20, but a stop must
#: wait for the last one too; at two, an idle bot costs some cents a month.
WAIT_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery of a queue message. `receipt` is good for this delivery only.

    `sent_at` is when it came into the queue, in seconds since 1970.
    """

    id: str
    body: str
    receipt: str
    sent_at: float


class Inbox:
    """The queue, as a bot uses it. All calls block; all raise `Unavailable` in an outage."""

    def __init__(self, sqs: "SQSClient", queue_url: str) -> None:
        self._sqs = sqs
        self._queue_url = queue_url

    def receive(self) -> list[Message]:
        """Up to ten messages; none after `WAIT_SECONDS` without one."""
        with aws_errors():
            answer = self._sqs.receive_message(
                QueueUrl=self._queue_url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=WAIT_SECONDS,
                VisibilityTimeout=HIDDEN_SECONDS,
                MessageSystemAttributeNames=["SentTimestamp"],
            )
        return [
            Message(
                m["MessageId"],
                m["Body"],
                m["ReceiptHandle"],
                int(m["Attributes"]["SentTimestamp"]) / 1000,
            )
            for m in answer.get("Messages", [])
        ]

    def done(self, message: Message) -> None:
        """Delete a message, because what it asks for is recorded as done."""
        with aws_errors():
            self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message.receipt)

    def keep(self, messages: list[Message]) -> None:
        """Hide messages that are still being worked on for another `HIDDEN_SECONDS`."""
        for start in range(0, len(messages), 10):  # SQS takes ten in a batch
            with aws_errors():
                self._sqs.change_message_visibility_batch(
                    QueueUrl=self._queue_url,
                    Entries=[
                        {
                            "Id": str(number),
                            "ReceiptHandle": message.receipt,
                            "VisibilityTimeout": HIDDEN_SECONDS,
                        }
                        for number, message in enumerate(messages[start : start + 10])
                    ],
                )
