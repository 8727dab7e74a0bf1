"""The queue that events come through, and the one for those that nobody could handle."""

import json
from collections.abc import Mapping
from functools import partial

from cloud.doctor import policies
from cloud.doctor.finding import Check, Finding, Findings, Verdict
from cloud.doctor.installation import Installation
from cloud.doctor.looking import DOCTOR_POLICY, look, reads

THERE = Check("queue.there", "get_queue_attributes")
POLICY = Check("queue.policy", "who may send to it")
RETENTION = Check("queue.retention", "how long it keeps what nobody takes")
REDRIVE = Check("queue.redrive", "where it puts what nobody can handle")
DEAD = Check("queue.dead-letters", "get_queue_attributes of the dead-letter queue")

#: The shortest time, in days, that a bot may be down without a file being lost: a long weekend.
_DAYS = 4

#: How often a message has to be tried at least: a bot gives one back when it stops, too.
_TRIES = 5

_AS_IN_TEMPLATE = "Set it again as cloud/template.yaml has it (EventQueue{})."


def examine(it: Installation) -> Findings:
    said: dict[str, str] = {}
    there = look(THERE, partial(_there, it, said), reads("EVENT_QUEUE_URL"))
    yield there
    if there.verdict is not Verdict.OK:
        for check in (POLICY, RETENTION, REDRIVE, DEAD):
            yield check.skipped("see queue.there")
        return
    yield _policy(it, said)
    yield _retention(said)
    redrive = _redrive(said)
    yield redrive
    if redrive.verdict is Verdict.OK:
        yield look(DEAD, partial(_dead, it, said), DOCTOR_POLICY)
    else:
        yield DEAD.skipped("see queue.redrive")


def _there(it: Installation, said: dict[str, str]) -> Finding:
    answer = it.reading.sqs.get_queue_attributes(
        QueueUrl=it.settings.event_queue_url, AttributeNames=["All"]
    )
    said.update({str(name): value for name, value in answer["Attributes"].items()})
    waiting = said["ApproximateNumberOfMessages"]
    return THERE.ok(f"{said['QueueArn'].rpartition(':')[2]}; about {waiting} events wait")


def _policy(it: Installation, said: Mapping[str, str]) -> Finding:
    policy, bucket = said.get("Policy", ""), it.settings.upload_bucket
    wrong = ""
    if not policies.lets_bucket_send(policy, bucket):
        wrong = f"S3 may not send the events of {bucket}"
    elif it.settings.malware_scan and not policies.lets_scan_send(policy):
        wrong = "EventBridge may not send what GuardDuty found, so that no file is released"
    elif policies.lets_anyone_send(policy):
        wrong = "anybody may send to it, since no condition says whose events are meant"
    return POLICY.judged(wrong, "it may, and nobody else", _AS_IN_TEMPLATE.format("Policy"))


def _retention(said: Mapping[str, str]) -> Finding:
    days = int(said["MessageRetentionPeriod"]) / 86400
    wrong = "" if days >= _DAYS else f"{days:.1f} days, after which nobody is told of a file"
    cure = _AS_IN_TEMPLATE.format(".MessageRetentionPeriod")
    return RETENTION.judged(wrong, f"{days:.0f} days", cure)


def _redrive(said: Mapping[str, str]) -> Finding:
    redrive = json.loads(said.get("RedrivePolicy", "{}"))
    tries = int(redrive.get("maxReceiveCount", 0))
    cure = _AS_IN_TEMPLATE.format(".RedrivePolicy")
    if not redrive:
        return REDRIVE.bad("there is no dead-letter queue, so that nobody sees what fails", cure)
    wrong = "" if tries >= _TRIES else f"after {tries} tries already, which an outage uses up"
    return REDRIVE.judged(wrong, f"into a dead-letter queue, after {tries} tries", cure)


def _dead(it: Installation, said: Mapping[str, str]) -> Finding:
    name = json.loads(said["RedrivePolicy"])["deadLetterTargetArn"].rpartition(":")[2]
    url = f"{it.settings.event_queue_url.rpartition('/')[0]}/{name}"
    answer = it.reading.sqs.get_queue_attributes(
        QueueUrl=url,
        AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    )
    dead = sum(map(int, answer["Attributes"].values()))
    wrong = f"{dead} events lie in {name}: files that nobody was told of" if dead else ""
    cure = (
        "See the bot's log for why. Then send them again: aws sqs start-message-move-task"
        f" --source-arn {json.loads(said['RedrivePolicy'])['deadLetterTargetArn']}"
    )
    return DEAD.judged(wrong, "empty", cure)
