"""Whether GuardDuty scans what arrives, where files wait for its word."""

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from cloud.doctor.finding import Check, Finding, Findings
from cloud.doctor.installation import Installation
from cloud.doctor.looking import DOCTOR_POLICY, look

if TYPE_CHECKING:
    from types_boto3_guardduty import GuardDutyClient
    from types_boto3_guardduty.type_defs import CreateS3BucketResourceOutputTypeDef as Scanned
    from types_boto3_guardduty.type_defs import GetMalwareProtectionPlanResponseTypeDef as Plan

PLAN = Check("scan.plan", "get_malware_protection_plan")

_AS_IN_TEMPLATE = "Set the plan again as cloud/template.yaml has it (MalwareProtection{})."

_AGAIN = (
    'Make it again: make deploy ARGS="--malware-scan no", and then with yes, for CloudFormation does'
    " not see what somebody has deleted. Start no bot in between: it would wait for no scan."
)

_RIGHTS = f"{DOCTOR_POLICY} A policy from before files were scanned lacks this: make deploy."

_REASONS = (
    "See what GuardDuty means by it and what helps: GuardDuty User Guide,"
    ' "Troubleshooting Malware Protection plan status".'
)


def examine(it: Installation) -> Findings:
    if it.reading.guardduty is None:
        yield PLAN.skipped("MALWARE_SCAN is no")
    else:
        yield look(PLAN, partial(_plan, it.reading.guardduty, it), _RIGHTS)


def _plan(guardduty: "GuardDutyClient", it: Installation) -> Finding:
    bucket = it.settings.upload_bucket
    for plan in _plans(guardduty):
        if _scanned(plan).get("BucketName") == bucket:
            return _judge(plan)
    return PLAN.bad(f"none is for {bucket}, so that no file is ever released", _AGAIN)


def _judge(plan: "Plan") -> Finding:
    prefixes = _scanned(plan).get("ObjectPrefixes") or [""]
    if not any("uploads/".startswith(prefix) for prefix in prefixes):
        cure = _AS_IN_TEMPLATE.format(".ProtectedResource")
        return PLAN.bad(
            "it does not scan all of uploads/, so that not every file is released", cure
        )
    if plan.get("Actions", {}).get("Tagging", {}).get("Status") != "ENABLED":
        missed = "it gives no tags, which is where the bot looks after it has missed an event"
        return PLAN.bad(missed, _AS_IN_TEMPLATE.format(".Actions"))
    status = plan.get("Status", "no status")
    if status == "ACTIVE":
        return PLAN.ok("active")
    said = ", ".join([status, *_codes(plan)])
    if status == "WARNING":  # what stops it is an ERROR
        return PLAN.warning(said, _REASONS)
    return PLAN.bad(f"{said}: no file is released", _REASONS)


def _scanned(plan: "Plan") -> "Scanned":
    """Of which bucket, and what of it. GuardDuty promises no member of a plan."""
    return plan.get("ProtectedResource", {}).get("S3Bucket", {})


def _codes(plan: "Plan") -> list[str]:
    """GuardDuty's codes for what is wrong."""
    codes = (reason.get("Code", "") for reason in plan.get("StatusReasons", []))
    return [code for code in codes if re.fullmatch(r"\w+", code)]


def _plans(guardduty: "GuardDutyClient") -> Iterator["Plan"]:
    """Every plan of this account and region, but those that are deleted meanwhile."""
    said = guardduty.list_malware_protection_plans()
    while True:
        for plan in said.get("MalwareProtectionPlans", []):
            with suppress(guardduty.exceptions.ResourceNotFoundException):
                yield guardduty.get_malware_protection_plan(
                    MalwareProtectionPlanId=plan["MalwareProtectionPlanId"]
                )
        if not (token := said.get("NextToken")):
            return
        said = guardduty.list_malware_protection_plans(NextToken=token)
