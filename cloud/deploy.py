"""`python bot.py deploy`: the stack, the page on it, and the bot's settings, as they should be."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import boto3

from cloud import env_file, move
from cloud.move import Move
from cloud.page import Asset, assemble, prefix
from cloud.publish import publish
from cloud.serving import wait_until_served
from cloud.stack import Proposal, Stack, StackError
from cloud.terminal import Terminal
from uploads.signing import bases

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

MANIFEST = Path(__file__).parent.parent / "manifest.json"

#: Outputs of the stack that are settings of the bot, by the settings' names.
SETTINGS = {
    "UPLOAD_BUCKET": "UploadBucket",
    "PAGE_BUCKET": "PageBucket",
    "PAGE_URL": "PageUrl",
    "EVENT_QUEUE_URL": "EventQueueUrl",
    "LINK_TABLE": "LinkTable",
    "RETENTION_DAYS": "RetentionDays",
    "MALWARE_SCAN": "MalwareScan",
}


class Declined(Exception):
    """Somebody said no, or was not there to say yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What is wished for. Parameters of the template that are None stay as they are."""

    stack_name: str
    parameters: Mapping[str, str | None]
    env: Path
    patience: float  #: seconds for CloudFront to serve the page
    dry_run: bool = False


def deploy(session: boto3.Session, wish: Deployment, terminal: Terminal) -> None:
    """Bring all of it up to date; may be repeated, and interrupted, at any time.

    Raises `StackError`, `PageError`, `BucketError`, `Declined`, and `TimeoutError` where
    CloudFront does not serve the page in time.
    """
    stack = open_stack(session, wish.stack_name, terminal)
    if not wish.dry_run:  # it may clear what is left of a stack that came to nothing
        terminal.follow("waiting for what is under way", stack.settle(), 0)
    s3: S3Client = session.client("s3")
    with terminal.step("looking at what would change", "looked at what would change"):
        moving = move.plan(s3, stack, wish.parameters)
        proposal = stack.propose(wish.parameters)
    if _agreed(stack, proposal, moving, wish, terminal):
        _change(s3, stack, proposal, moving, terminal)
    outputs = stack.outputs()
    if wish.dry_run and not outputs:
        terminal.say("Then the page would be published, and .env written. Nothing was changed.")
        return
    hosts = bases(f"{outputs['UploadOrigin']}/", str(session.region_name))
    assets = assemble(upload_prefix=prefix(hosts))
    if wish.dry_run:
        terminal.say("Then the page would be compared and published. Nothing was changed.")
        return
    _publish(session, outputs, assets, wish, terminal)
    _write_settings(wish.env, {"AWS_REGION": session.region_name} | _settings(outputs), terminal)
    _say_what_is_next(outputs, wish.env, terminal)


def open_stack(session: boto3.Session, name: str, terminal: Terminal) -> Stack:
    """The stack, in the account that the credentials belong to, which is named."""
    account = session.client("sts").get_caller_identity()["Account"]
    cloudformation: Any = session.client("cloudformation")
    terminal.say(f"Stack {name} in account {account}, region {session.region_name}", "bold")
    return Stack(cloudformation, account, name)


def _agreed(
    stack: Stack, proposal: Proposal | None, moving: Move, wish: Deployment, terminal: Terminal
) -> bool:
    """Show what would change, and ask. False for a dry run; raises `Declined` for a no."""
    if proposal is None:
        terminal.say("  The stack is as the template wants it.")
    else:
        terminal.changes(proposal.changes)
    changes = [*proposal.changes] if proposal else []
    for bucket, inside in moving.changes.items():
        terminal.inside(bucket, inside)
        changes += inside
    for remark in moving.remarks:
        terminal.say(f"  {remark}")
    destroyed = [change.resource for change in changes if change.destroys]
    questions = [*moving.questions]
    if destroyed:
        questions.append(f"Replace or delete {', '.join(destroyed)}?")
    if not wish.dry_run and all(terminal.ask(question) for question in questions):
        return True
    if proposal:
        stack.withdraw(proposal)
    if not wish.dry_run:
        raise Declined("Nothing was changed. With --yes it goes on without asking.")
    return False


def _change(
    s3: "S3Client", stack: Stack, proposal: Proposal | None, moving: Move, terminal: Terminal
) -> None:
    move.leave(s3, moving)
    if proposal:
        doing = "making" if proposal.creates else "changing"
        try:
            terminal.follow(doing, stack.apply(proposal), len(proposal.changes) + 1)
        except StackError:
            move.enter(s3, stack)  # rolled back, it lives where it lived before
            raise
    if moving.enters:
        bucket = moving.enters.bucket
        with terminal.step(f"bringing {bucket} up to date", f"{bucket} has what it needs"):
            move.enter(s3, stack)


def _publish(
    session: boto3.Session,
    outputs: Mapping[str, str],
    assets: list[Asset],
    wish: Deployment,
    terminal: Terminal,
) -> None:
    with terminal.step("publishing the page", "published the page"):
        publish(
            session.client("s3"),
            session.client("cloudfront"),
            bucket=outputs["PageBucket"],
            distribution_id=outputs["DistributionId"],
            assets=assets,
        )
    if not wish.patience:
        terminal.say("  Not waited for CloudFront to serve it.")
        return
    [index] = [asset for asset in assets if asset.key == "index.html"]
    # By the distribution's own name, for a domain may not lead there yet.
    url = outputs["PageUrl"]
    if not url.startswith("http:"):
        url = f"https://{outputs['DistributionDomain']}"
    with terminal.step(f"waiting for {url}", f"{url} serves it"):
        for why in wait_until_served(url, index.body, wish.patience):
            terminal.say(f"  waiting: {why}", "dim")


def _settings(outputs: Mapping[str, str]) -> dict[str, str]:
    return {setting: outputs[output] for setting, output in SETTINGS.items()}


def _write_settings(path: Path, settings: Mapping[str, str], terminal: Terminal) -> None:
    written = env_file.write(path, settings)
    terminal.say(f"  ✓ {path} {'has the settings' if written.changed else 'had them already'}")
    for name, value in written.kept.items():
        terminal.say(
            f"  {path} has {name}={value}, which somebody set; it would be {settings[name]}",
            "yellow",
        )


def _say_what_is_next(outputs: Mapping[str, str], env: Path, terminal: Terminal) -> None:
    manifest = quote(json.dumps(json.loads(MANIFEST.read_text()), separators=(",", ":")))
    host, domain = urlsplit(outputs["PageUrl"]).hostname, outputs["DistributionDomain"]
    terminal.say("\nNext", "bold")
    steps = [
        f"Make the Slack app:\nhttps://api.slack.com/apps?new_app=1&manifest_json={manifest}",
        f"Put its two tokens into {env}, which says where they are to be found.",
        f"Let the bot's AWS identity have the policy {outputs['BotPolicyArn']}"
        f" (on ECS: use the role {outputs['BotRoleArn']}).",
        f"make run. Then make doctor, with the policy {outputs['DoctorPolicyArn']}"
        " besides, says whether all is well.",
    ]
    if host and host != domain and not host.endswith("localhost"):
        steps.insert(0, f"In DNS, let {host} be a CNAME of {domain}.")
    for number, step in enumerate(steps, 1):
        terminal.say(f"{number}. {step}")
