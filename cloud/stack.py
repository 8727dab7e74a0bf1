"""Create or update the stack, and say what came of it."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import ParameterTypeDef, StackTypeDef

TEMPLATE = Path(__file__).with_name("template.yaml")


class StackError(Exception):
    """The stack is not as the template wants it. The text names the resource and the reason."""


def deploy(
    cloudformation: "CloudFormationClient",
    name: str,
    parameters: Mapping[str, str] | None = None,
    *,
    every: float = 5,
) -> dict[str, str]:
    """Bring the stack to what the template says, and return its outputs.

    Parameters that are not given stay as they are. Looks for the end every
    `every` seconds; a first deployment takes some minutes in AWS, for the
    distribution's sake. Raises `StackError`.
    """
    before = _find(cloudformation, name)
    if before and before["StackStatus"] in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}:
        raise StackError(
            f"The stack {name} was never created; its first deployment failed. "
            "Delete it, and any buckets it left, and deploy again."
        )
    change = cloudformation.update_stack if before else cloudformation.create_stack
    try:
        change(
            StackName=name,
            TemplateBody=TEMPLATE.read_text(),
            Parameters=_parameters(before, parameters or {}),
            Capabilities=["CAPABILITY_IAM"],
        )
    except ClientError as error:
        # CloudFormation calls it a ValidationError, and only the text tells it from others.
        if before is None or "No updates are to be performed" not in str(error):
            raise
        return _outputs(before)
    return _outputs(_settled(cloudformation, name, every))


def _parameters(
    before: "StackTypeDef | None", given: Mapping[str, str]
) -> "list[ParameterTypeDef]":
    """Those that are given, and of the others what the stack has.

    Left out, they would fall back to the template's defaults, and what somebody
    chose would be forgotten.
    """
    chosen: list[ParameterTypeDef] = [
        {"ParameterKey": key, "ParameterValue": value} for key, value in given.items()
    ]
    kept = {p["ParameterKey"] for p in before.get("Parameters", [])} if before else set()
    return chosen + [
        {"ParameterKey": key, "UsePreviousValue": True} for key in sorted(kept - given.keys())
    ]


def _find(cloudformation: "CloudFormationClient", name: str) -> "StackTypeDef | None":
    try:
        return cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise


def _settled(cloudformation: "CloudFormationClient", name: str, every: float) -> "StackTypeDef":
    while True:
        stack = _find(cloudformation, name)
        if stack is None:
            raise StackError(f"The stack {name} was deleted while it was deployed.")
        status = stack["StackStatus"]
        if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return stack
        if not status.endswith("_IN_PROGRESS"):
            reasons = _failures(cloudformation, name)
            raise StackError(f"The stack {name} ended as {status}:\n{reasons}")
        time.sleep(every)


def _outputs(stack: "StackTypeDef") -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _failures(cloudformation: "CloudFormationClient", name: str) -> str:
    """What went wrong in the last operation, a line each, the oldest first.

    From DescribeEvents and not DescribeStackEvents: only the former says what
    CloudFormation found before it began, such as a bucket's name that is taken.
    """
    # The newest come first; one page is more than one operation's failures.
    events = cloudformation.describe_events(StackName=name, Filters={"FailedEvents": True})[
        "OperationEvents"
    ]
    lines: list[str] = []
    for event in reversed(events):
        reason = event.get("ValidationStatusReason") or event.get("ResourceStatusReason", "")
        resource = event.get("LogicalResourceId", "")
        # What was only cancelled, or merely sums up for the whole stack, explains nothing.
        explains = reason and "cancelled" not in reason and resource != name
        if explains and event.get("OperationId") == events[0].get("OperationId"):
            lines.append(f"  {resource}: {reason}")
    return "\n".join(lines) or "  CloudFormation gives no reason; see its console."
