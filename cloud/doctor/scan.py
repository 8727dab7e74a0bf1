"""Whether GuardDuty scans what arrives, where files wait for its word."""

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from cloud.doctor.finding import Check, Finding, Findings
from cloud.doctor.installation import Installation
from cloud.doctor.looking import DOCTOR_POLICY, look

if TYPE_CHECKING:
    from types_boto3_guardduty import GuardDutyClient
    from types_boto3_guardduty.type_defs import GetMalwareProtectionPlanResponseTypeDef as Plan

PLAN = Check("scan.plan", "get_malware_protection_plan")

_AS_IN_TEMPLATE = "Set the plan again as cloud/template.yaml has it (MalwareProtection{})."

_AGAIN = (
    'Make it again: make deploy ARGS="--malware-scan no", and then with yes, for CloudFormation does'
    " not see what somebody has deleted."
)

_REASONS = (
    "See what GuardDuty means by it, and by what it is mended: GuardDuty User Guide,"
    ' "Troubleshooting Malware Protection plan status".'
)


def examine(it: Installation) -> Findings:
    if it.reading.guardduty is None:
        yield PLAN.skipped("MALWARE_SCAN is no")
    else:
        yield look(PLAN, partial(_plan, it.reading.guardduty, it), DOCTOR_POLICY)


def _plan(guardduty: "GuardDutyClient", it: Installation) -> Finding:
    bucket = it.settings.upload_bucket
    for plan in _plans(guardduty):
        if plan["ProtectedResource"].get("S3Bucket", {}).get("BucketName") == bucket:
            return _judge(plan)
    return PLAN.bad(f"none is for {bucket}, so that no file is ever released", _AGAIN)


def _judge(plan: "Plan") -> Finding:
    prefixes = plan["ProtectedResource"]["S3Bucket"].get("ObjectPrefixes", [])
    if prefixes and not any("uploads/".startswith(prefix) for prefix in prefixes):
        cure = _AS_IN_TEMPLATE.format(".ProtectedResource")
        return PLAN.bad("it scans other keys, so that no file is ever released", cure)
    if plan["Actions"].get("Tagging", {}).get("Status") != "ENABLED":
        missed = "it gives no tags, which is where the bot looks after it has missed an event"
        return PLAN.bad(missed, _AS_IN_TEMPLATE.format(".Actions"))
    said = ", ".join([plan["Status"], *_codes(plan)])
    if plan["Status"] == "ACTIVE":
        return PLAN.ok("active")
    if plan["Status"] == "WARNING":  # what stops it is an ERROR
        return PLAN.warning(said, _REASONS)
    return PLAN.bad(f"{said}: no file is released", _REASONS)


def _codes(plan: "Plan") -> list[str]:
    """GuardDuty's codes for what is wrong."""
    codes = (reason.get("Code", "") for reason in plan["StatusReasons"])
    return [code for code in codes if re.fullmatch(r"\w+", code)]


def _plans(guardduty: "GuardDutyClient") -> Iterator["Plan"]:
    """Every plan of this account and region."""
    said = guardduty.list_malware_protection_plans()
    while True:
        for plan in said["MalwareProtectionPlans"]:
            yield guardduty.get_malware_protection_plan(
                MalwareProtectionPlanId=plan["MalwareProtectionPlanId"]
            )
        if not (token := said.get("NextToken")):
            return
        said = guardduty.list_malware_protection_plans(NextToken=token)
