"""Slack, credentials, rights, queue and table, each broken in one way."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import guardduty
from installation import World, breaks

from local.clients import session
from local.slack import seed

MANIFEST = Path(__file__).parent.parent / "manifest.json"


# Slack.


@breaks({"slack.bot-token": "invalid_auth.*OAuth & Permissions"})
def the_bot_token_is_wrong(world: World) -> None:
    world.set(SLACK_BOT_TOKEN="xoxb-wrong")


@breaks({"slack.app-token": "invalid_auth.*connections:write"})
def the_app_token_is_wrong(world: World) -> None:
    world.set(SLACK_APP_TOKEN="xapp-wrong")


@breaks(
    {
        "slack.bot-token": "no answer",
        "slack.app-token": "no answer",
        "clock.slack": "reaches that address",
    }
)
def slack_is_out_of_reach(world: World) -> None:
    world.set(SLACK_API_URL="http://127.0.0.1:9/api/")


@breaks(
    {
        "slack.bot-token": "nothing that one understands.*status.slack.com",
        "slack.app-token": "nothing that one understands",
    }
)
def a_proxy_answers_for_slack(world: World) -> None:
    world.slack.misbehave(method="*", kind="http_502", times=2)


@breaks({"slack.scopes": "missing: channels:history, im:write.*install it again"})
def two_scopes_are_missing(world: World) -> None:
    manifest = json.loads(MANIFEST.read_text())
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    manifest["oauth_config"]["scopes"]["bot"] = [
        s for s in scopes if s not in {"channels:history", "im:write"}
    ]
    world.slack.reinstall(manifest)


def registered(world: World, change: Callable[[dict[str, Any]], object]) -> None:
    """The app is registered otherwise than the manifest says, and somebody may look."""
    manifest = json.loads(MANIFEST.read_text())
    change(manifest)
    world.slack.reinstall(manifest)
    world.set(SLACK_CONFIG_TOKEN=seed.CONFIG_TOKEN)


@breaks({"slack.command": "/upload-link is not registered.*App Manifest"})
def the_command_is_not_registered(world: World) -> None:
    registered(world, lambda m: m["features"].update(slash_commands=[]))


@breaks({"slack.command": "interactivity is off"})
def interactivity_is_off(world: World) -> None:
    registered(world, lambda m: m["settings"].update(interactivity={"is_enabled": False}))


@breaks({"slack.command": "the event app_home_opened is not subscribed to"})
def no_event_is_subscribed_to(world: World) -> None:
    registered(world, lambda m: m["settings"].pop("event_subscriptions"))


@breaks({"slack.command": "Socket Mode is off"})
def socket_mode_is_off(world: World) -> None:
    registered(world, lambda m: m["settings"].update(socket_mode_enabled=False))


@breaks({"slack.command": "invalid_auth.*12 hours"})
def the_configuration_token_has_ended(world: World) -> None:
    world.set(SLACK_CONFIG_TOKEN="xoxe.xoxp-old")


@breaks({"slack.post": "channel_not_found.*/invite"})
def the_bot_is_not_in_the_private_channel(world: World) -> None:
    world.arguments += ("--channel", "C07S4D3D6LS")


@breaks({"slack.post": "read_only.*Posting permissions"})
def the_channel_is_for_admins(world: World) -> None:
    world.arguments += ("--channel", "C07S3C2A5NN")


@breaks({"slack.post": "is_archived.*in use"})
def the_channel_is_archived(world: World) -> None:
    world.arguments += ("--channel", world.slack.change_channel("random", archived=True))


@breaks({"slack.post": "the message stays"})
def what_was_posted_cannot_be_deleted(world: World) -> None:
    world.slack.misbehave(method="chat.delete", kind="error", error="compliance_exports_prevent")
    world.arguments += ("--channel", world.slack.channel_id("general"))


# Credentials, and the clock.


@breaks({"credentials.identity": "does not know this access key.*AWS_ACCESS_KEY_ID"})
def the_access_key_is_unknown(world: World) -> None:
    world.set(AWS_ACCESS_KEY_ID="AKIAABCDEFGHIJKLMNOP")


@breaks({"credentials.identity": "secret is not the one.*clock.s3"})
def the_secret_is_anothers(world: World) -> None:
    world.set(AWS_SECRET_ACCESS_KEY="no secret")


@breaks({"credentials.identity": "no credentials.*a role"})
def there_are_no_credentials(world: World) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        world.patch.delenv(name)
    world.set(AWS_EC2_METADATA_DISABLED="true", HOME="/nowhere")


@breaks({"credentials.life": "nobody renews them.*a role"})
def the_credentials_end_and_are_not_renewed(world: World) -> None:
    sts = session(region=world.aws.region).client("sts").get_session_token()["Credentials"]
    world.set(
        AWS_ACCESS_KEY_ID=sts["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=sts["SecretAccessKey"],
        AWS_SESSION_TOKEN=sts["SessionToken"],
    )


@breaks({"clock.s3": "ahead of it: signatures made by it are refused.*NTP"})
def the_clock_is_ten_minutes_ahead(world: World) -> None:
    date = format_datetime(datetime.now(UTC) - timedelta(minutes=10), usegmt=True)
    world.aws.faults.amend(method="HEAD", path="^/$", headers={"date": date})


@breaks(
    dict.fromkeys(
        (
            "clock.s3", "bucket.there", "queue.there", "table.there", "table.recovery",
            "upload.table", "upload.put", "upload.cleanup",
            "page.plan", "page.cleanup", "page.bucket", "page.csp", "page.version",
        ),
        "",
    )
)  # fmt: skip
def aws_is_out_of_reach(world: World) -> None:
    world.set(AWS_ENDPOINT_URL="http://127.0.0.1:9")


# Rights.


NOT_SEEN = "this identity may not.*DoctorPolicyArn"


@breaks(
    {
        **dict.fromkeys(
            (
                "bucket.there", "bucket.versioning", "bucket.public-access", "bucket.public-acls", "bucket.ownership",
                "bucket.encryption", "bucket.tls", "bucket.sigv4", "bucket.write-once",
                "bucket.notification", "bucket.lifecycle", "bucket.cors",
                "queue.there", "table.there", "table.recovery", "page.cleanup",
            ),
            NOT_SEEN,
        ),
        "upload.cleanup": "stays.*DoctorPolicyArn",
    }
)  # fmt: skip
def the_doctor_may_read_nothing(world: World) -> None:
    detach(world, "DoctorPolicyArn")
    world.leaves = True


@breaks(
    {
        "upload.table": "this identity may not.*BotPolicyArn",
        "upload.put": "does not let the bot's links write.*BotPolicyArn",
        "page.plan": "this identity may not.*BotPolicyArn",
        "table.overdue": "this identity may not.*BotPolicyArn",
    }
)
def the_bot_has_no_rights(world: World) -> None:
    detach(world, "BotPolicyArn")


def detach(world: World, policy: str) -> None:
    iam, how = world.client("iam"), {"PolicyArn": world.aws.outputs[policy]}
    iam.detach_user_policy(UserName="doctor", **how)
    world.undo.callback(iam.attach_user_policy, UserName="doctor", **how)


# The queue.


def attributes(world: World, **changes: str) -> None:
    sqs = world.client("sqs")
    said = sqs.get_queue_attributes(QueueUrl=world.queue, AttributeNames=["All"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=world.queue, Attributes=changes)
    before = {name: said[name] for name in changes}
    world.undo.callback(sqs.set_queue_attributes, QueueUrl=world.queue, Attributes=before)


@breaks({"queue.policy": "may not send the events", "upload.event": "did not come.*queue.policy"})
def s3_may_not_send(world: World) -> None:
    attributes(world, Policy="")
    world.arguments = ("--patience", "0.5")


@breaks(
    {
        "queue.policy": "may not send the events of upload-link-uploads",
        "upload.event": "did not come.*queue.policy",
    }
)
def the_queue_is_for_another_bucket(world: World) -> None:
    sqs = world.client("sqs")
    said = sqs.get_queue_attributes(QueueUrl=world.queue, AttributeNames=["Policy"])
    attributes(world, Policy=said["Attributes"]["Policy"].replace(world.bucket, "another"))
    world.arguments = ("--patience", "0.5")


@breaks({"queue.policy": "anybody may send to it"})
def the_queue_is_open(world: World) -> None:
    """By one statement more: S3's own, without a word of whose."""
    sqs = world.client("sqs")
    said = sqs.get_queue_attributes(QueueUrl=world.queue, AttributeNames=["Policy"])
    policy = json.loads(said["Attributes"]["Policy"])
    [first, *_] = policy["Statement"]
    policy["Statement"].append({k: v for k, v in first.items() if k != "Condition"})
    attributes(world, Policy=json.dumps(policy))


@breaks(
    {
        "bucket.notification": "GuardDuty scans nothing",
        "queue.policy": "what GuardDuty found",
        "scan.plan": "no file is ever released",
    }
)
def files_wait_for_a_scan_that_nobody_does(world: World) -> None:
    endpoint = world.undo.enter_context(guardduty.running()).endpoint
    world.set(MALWARE_SCAN="yes", AWS_ENDPOINT_URL_GUARDDUTY=endpoint)


@breaks({"queue.retention": "0.0 days, after which nobody.*MessageRetentionPeriod"})
def the_queue_forgets_in_an_hour(world: World) -> None:
    attributes(world, MessageRetentionPeriod="3600")


@breaks({"queue.redrive": "no dead-letter queue.*RedrivePolicy"})
def there_is_no_dead_letter_queue(world: World) -> None:
    attributes(world, RedrivePolicy="")


@breaks({"queue.redrive": "after 1 tries already"})
def events_are_tried_once(world: World) -> None:
    arn = world.aws.outputs["DeadLetterQueueUrl"].rpartition("/")[2]
    target = f"arn:aws:sqs:eu-central-1:000000000000:{arn}"
    attributes(
        world,
        RedrivePolicy=json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": 1}),
    )


@breaks({"queue.dead-letters": "2 events lie in .*start-message-move-task"})
def two_events_were_given_up(world: World) -> None:
    sqs, url = world.client("sqs"), world.aws.outputs["DeadLetterQueueUrl"]
    for body in ("1", "2"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    world.undo.callback(sqs.purge_queue, QueueUrl=url)


@breaks(
    {
        "queue.there": "DoctorPolicyArn.*EVENT_QUEUE_URL",
        "bucket.notification": "goes to another queue than EVENT_QUEUE_URL",
    }
)
def the_queue_is_another(world: World) -> None:
    world.set(EVENT_QUEUE_URL=world.queue + "-old")


# The table.


@breaks({"table.recovery": "no point-in-time recovery.*PointInTimeRecovery"})
def the_table_cannot_be_recovered(world: World) -> None:
    def recover(on: bool) -> None:
        world.client("dynamodb").update_continuous_backups(
            TableName=world.aws.outputs["LinkTable"],
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": on},
        )

    recover(False)
    world.undo.callback(recover, True)


#: The bot that runs has the usual table.
RENAMED = {"upload.event": "a bot with another LINK_TABLE"}


@breaks(RENAMED)
def the_bot_has_another_table(world: World) -> None:
    another_table(world)


def another_table(world: World, keys: tuple[str, ...] = ("pk", "sk"), without: str = "") -> None:
    """A table of the doctor's own, made as the template's is but for what is said here."""
    dynamodb, iam = world.client("dynamodb"), world.client("iam")
    like = dynamodb.describe_table(TableName=world.aws.outputs["LinkTable"])["Table"]
    indexes = [
        {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
        for index in like["GlobalSecondaryIndexes"]
        if index["IndexName"] != without and keys == ("pk", "sk")
    ]
    kinds = zip(keys, ("HASH", "RANGE"), strict=False)
    schema = [{"AttributeName": key, "KeyType": kind} for key, kind in kinds]
    used = {k["AttributeName"] for k in schema + [k for i in indexes for k in i["KeySchema"]]}
    known = {a["AttributeName"]: a["AttributeType"] for a in like["AttributeDefinitions"]}
    attributes = [{"AttributeName": n, "AttributeType": known.get(n, "S")} for n in used]
    dynamodb.create_table(
        TableName="another",
        KeySchema=schema,
        AttributeDefinitions=attributes,
        BillingMode="PAY_PER_REQUEST",
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    )
    world.undo.callback(dynamodb.delete_table, TableName="another")
    dynamodb.update_continuous_backups(
        TableName="another",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    rights = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}
    how = {"UserName": "doctor", "PolicyName": "tables"}
    iam.put_user_policy(**how, PolicyDocument=json.dumps({"Statement": [rights]}))
    world.undo.callback(iam.delete_user_policy, **how)
    world.set(LINK_TABLE="another")
    world.arguments = ("--patience", "0.5")


@breaks(
    {
        "table.there": "no such table.*LINK_TABLE",
        "table.recovery": "no such table.*LINK_TABLE",
        "upload.table": "no such table.*LINK_TABLE",
    }
)
def the_table_is_not_there(world: World) -> None:
    another_table(world)
    world.set(LINK_TABLE="nothing")


@breaks({"table.clock": "not there: no signature is renewed.*GlobalSecondaryIndexes", **RENAMED})
def an_index_is_missing(world: World) -> None:
    another_table(world, without="clock")


@breaks(
    {
        "table.keys": "id: it is another table.*LINK_TABLE",
        "table.shelf": "it is not there",
        "table.clock": "it is not there",
        "upload.table": "ValidationException",
    }
)
def the_table_is_for_something_else(world: World) -> None:
    another_table(world, keys=("id",))
