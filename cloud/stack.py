"""The stack in an AWS account: what a change would do to it, making it, and what came of that."""

import re
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import ParameterTypeDef, StackTypeDef

TEMPLATE = Path(__file__).with_name("template.yaml")

#: How a first deployment ends that came to nothing. Such a stack can only be deleted.
_STILLBORN = frozenset({"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"})

#: A stack of which there is nothing yet but a change set.
_PROPOSED = "REVIEW_IN_PROGRESS"

_APPLIED = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})
_DELETED = frozenset({"DELETE_COMPLETE"})


class StackError(Exception):
    """The stack is not as the template wants it. The text names the resource and the reason."""


@dataclass(frozen=True, slots=True)
class Change:
    """What would happen to one resource, in CloudFormation's words."""

    action: str  #: Add, Modify, Remove, Import or Dynamic
    resource: str
    type: str
    replacement: str = ""  #: True, Conditional or False for Modify
    keeps: bool = False  #: what is removed or replaced stays in the account

    @property
    def destroys(self) -> bool:
        """Whether something may be gone afterwards that is there now, or is no longer ours."""
        return self.action in {"Remove", "Dynamic"} or self.replacement in {"True", "Conditional"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change set that waits for a yes or a no."""

    id: str
    stack_id: str
    creates: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One step of an operation: what has become of a resource."""

    resource: str
    type: str
    status: str
    reason: str
    at: datetime

    @property
    def failed(self) -> bool:
        """Whether this says why an operation fails. What is only cancelled explains nothing."""
        return self.status.endswith("_FAILED") and "cancelled" not in self.reason.lower()


class Stack:
    """One stack. All calls block; all raise `StackError` and, unchanged, botocore's errors.

    Every one of them may be repeated at any time, also after one that was
    interrupted: CloudFormation goes on by itself, and the next call waits for it.
    `every` is how many seconds lie between two looks at it.
    """

    def __init__(
        self, cloudformation: "CloudFormationClient", account: str, name: str, *, every: float = 3
    ) -> None:
        self._cloudformation = cloudformation
        self.account = account
        self.name = name
        self._every = every

    def settle(self) -> Iterator[Event]:
        """Follow what is under way, and clear what no change set can be made for."""
        while (stack := self._find()) is not None:
            status = stack["StackStatus"]
            if status.endswith("_IN_PROGRESS") and status != _PROPOSED:
                yield from self._follow(stack["StackId"], self._last_event(stack["StackId"]))
            elif status in _STILLBORN:
                # Nothing of it was ever in use. What holds data is kept, and adopted by the next.
                yield from self.delete()
            elif status == "UPDATE_ROLLBACK_FAILED":
                seen = self._last_event(stack["StackId"])
                self._cloudformation.continue_update_rollback(StackName=stack["StackId"])
                yield from self._follow(stack["StackId"], seen)
            else:
                return

    def propose(self, parameters: Mapping[str, str | None]) -> Proposal | None:
        """Make a change set of the template. None where there is nothing to change.

        Parameters that are not given stay as they are.
        """
        stack = self._find()
        creates = stack is None or stack["StackStatus"] == _PROPOSED
        made = self._cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=f"deploy-{secrets.token_hex(8)}",
            ChangeSetType="CREATE" if creates else "UPDATE",
            TemplateBody=self._template(),
            Parameters=_parameters(stack, parameters),
            Capabilities=["CAPABILITY_IAM"],
            # A bucket or table that an earlier stack of this name has left is taken over.
            ImportExistingResources=True,
            # That it exists already is then no error, which the validation takes it for. Its own
            # bucket is there already when a stack comes back from another.
            DisableValidation=creates or parameters.get("ExistingUploadBucket") == "",
            OnStackFailure="DELETE" if creates else "ROLLBACK",
        )
        change_set, stack_id = made["Id"], made["StackId"]
        while True:
            described = self._cloudformation.describe_change_set(ChangeSetName=change_set)
            if described["Status"] not in {"CREATE_PENDING", "CREATE_IN_PROGRESS"}:
                break
            time.sleep(self._every / 3)
        proposal = Proposal(change_set, stack_id, creates, tuple(self._changes(change_set)))
        if described["Status"] == "CREATE_COMPLETE":
            return proposal
        reason = described.get("StatusReason", "")
        reasons = self._failed_validations(change_set)
        self.withdraw(proposal)
        # Only the text tells it from other failures.
        if re.search("didn't contain changes|No updates are to be performed", reason):
            return None
        raise StackError(f"CloudFormation will not change the stack {self.name}: {reason}{reasons}")

    def withdraw(self, proposal: Proposal) -> None:
        """Take a proposal back, and with it a stack that holds nothing else."""
        if proposal.creates:
            self._cloudformation.delete_stack(StackName=proposal.stack_id)
        else:
            self._cloudformation.delete_change_set(ChangeSetName=proposal.id)

    def apply(self, proposal: Proposal) -> Iterator[Event]:
        """Do what was proposed, and tell each step of it."""
        seen = self._last_event(proposal.stack_id)
        self._cloudformation.execute_change_set(ChangeSetName=proposal.id)
        yield from self._follow(proposal.stack_id, seen, _APPLIED)

    def delete(self) -> Iterator[Event]:
        """Delete the stack and all that the template does not retain."""
        stack = self._find()
        if stack is None:
            return
        seen = self._last_event(stack["StackId"])
        self._cloudformation.delete_stack(StackName=stack["StackId"])
        yield from self._follow(stack["StackId"], seen, _DELETED)

    def outputs(self) -> dict[str, str]:
        """The outputs of the stack; none where there is no stack."""
        stack = self._find()
        told = stack.get("Outputs", []) if stack else []
        return {output["OutputKey"]: output["OutputValue"] for output in told}

    def parameters(self) -> dict[str, str]:
        """What the stack was told; nothing where there is no stack."""
        stack = self._find()
        told = stack.get("Parameters", []) if stack else []
        return {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in told}

    def names(self) -> dict[str, str]:
        """What outlives the stack, by the template's names for it: buckets and tables."""
        named = r"^  (\w+):\n(?:    .*\n)*?      (?:BucketName|TableName): \"(.+)\""
        return dict(re.findall(named, self._template(), re.MULTILINE))

    def _find(self, name: str = "") -> "StackTypeDef | None":
        try:
            return self._cloudformation.describe_stacks(StackName=name or self.name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise

    def _follow(
        self, stack_id: str, seen: str, wanted: frozenset[str] = frozenset()
    ) -> Iterator[Event]:
        """Tell what happens after the event `seen`, until it has ended as is wanted (or anyhow)."""
        failures: list[Event] = []
        while True:
            # Asked for first: what is told afterwards is then complete.
            stack = self._find(stack_id)
            status = stack["StackStatus"] if stack else "DELETE_COMPLETE"
            for id, event in self._events_after(stack_id, seen):
                seen = id
                if event.failed and event.resource != self.name:
                    failures.append(event)
                yield event
            if not status.endswith("_IN_PROGRESS"):
                break
            time.sleep(self._every)
        if wanted and status not in wanted:
            reasons = "".join(f"\n  {event.resource}: {event.reason}" for event in failures)
            raise StackError(
                f"It came to nothing: the stack {self.name} ended as {status}:{reasons}"
            )

    def _last_event(self, stack_id: str) -> str:
        """The newest event, "" where there is none."""
        try:
            page = self._cloudformation.describe_stack_events(StackName=stack_id)
        except ClientError as error:
            if "does not exist" in str(error):
                return ""
            raise
        return page["StackEvents"][0]["EventId"] if page["StackEvents"] else ""

    def _events_after(self, stack_id: str, seen: str) -> list[tuple[str, Event]]:
        """What happened after an event, the oldest first."""
        events: list[tuple[str, Event]] = []
        pages = self._cloudformation.get_paginator("describe_stack_events")
        for page in pages.paginate(StackName=stack_id):
            for told in page["StackEvents"]:  # the newest first
                if told["EventId"] == seen:
                    return events[::-1]
                event = Event(
                    told.get("LogicalResourceId", ""),
                    told.get("ResourceType", ""),
                    told.get("ResourceStatus", ""),
                    told.get("ResourceStatusReason", ""),
                    told["Timestamp"],
                )
                events.append((told["EventId"], event))
        return events[::-1]

    def _changes(self, change_set: str) -> Iterator[Change]:
        pages = self._cloudformation.get_paginator("describe_change_set")
        for page in pages.paginate(ChangeSetName=change_set):
            for change in page.get("Changes", []):
                told = change["ResourceChange"]
                yield Change(
                    told["Action"],
                    told["LogicalResourceId"],
                    told["ResourceType"],
                    told.get("Replacement", ""),
                    keeps=told.get("PolicyAction") in {"Retain", "ReplaceAndRetain"},
                )

    def _failed_validations(self, change_set: str) -> str:
        """What CloudFormation found before it began, a line each."""
        found = self._cloudformation.describe_events(
            ChangeSetName=change_set, Filters={"FailedEvents": True}
        )
        return "".join(
            f"\n  {event.get('LogicalResourceId', '')}: {event['ValidationStatusReason']}"
            for event in reversed(found["OperationEvents"])
            if event.get("ValidationStatusReason")
        )

    def _template(self) -> str:
        """The template, with the names of what outlives the stack spelled out.

        Only what has a literal name is taken over (CloudFormation User Guide, "Import
        AWS resources into a CloudFormation stack automatically").
        """
        known = {
            "AWS::StackName": self.name,
            "AWS::AccountId": self.account,
            "AWS::Region": self._cloudformation.meta.region_name,
        }

        def spelled(line: re.Match[str]) -> str:
            name = re.sub(r"\$\{([\w:]+)\}", lambda slot: known[slot[1]], line[2])
            return f'{line[1]}"{name}"'

        return re.sub(r"((?:BucketName|TableName): )!Sub (\S+)", spelled, TEMPLATE.read_text())


def deploy(
    cloudformation: "CloudFormationClient",
    account: str,
    name: str,
    parameters: Mapping[str, str | None] | None = None,
    *,
    every: float = 3,
) -> dict[str, str]:
    """Bring the stack to what the template says without asking anybody; returns its outputs."""
    stack = Stack(cloudformation, account, name, every=every)
    _exhaust(stack.settle())
    if proposal := stack.propose(parameters or {}):
        _exhaust(stack.apply(proposal))
    return stack.outputs()


def _exhaust(events: Iterable[Event]) -> None:
    for _ in events:
        pass


def _parameters(
    stack: "StackTypeDef | None", given: Mapping[str, str | None]
) -> "list[ParameterTypeDef]":
    """Those that are given, and of the others what the stack has.

    Left out, they would fall back to the template's defaults, and what somebody
    chose would be forgotten.
    """
    chosen: list[ParameterTypeDef] = [
        {"ParameterKey": key, "ParameterValue": value}
        for key, value in given.items()
        if value is not None
    ]
    kept = {p["ParameterKey"] for p in stack.get("Parameters", [])} if stack else set()
    kept -= {p["ParameterKey"] for p in chosen}
    return chosen + [{"ParameterKey": key, "UsePreviousValue": True} for key in sorted(kept)]
