"""Whether the statements of a policy do what is wanted of them. Pure.

A policy may say the same in many ways; what is looked for is the way of
cloud/template.yaml, under whatever name.
"""

import json
from collections.abc import Iterator
from typing import Any

Statement = dict[str, Any]


def statements(policy: str) -> list[Statement]:
    """Those of a policy's JSON; "" is a policy that says nothing."""
    said = json.loads(policy or "{}").get("Statement", [])
    return said if isinstance(said, list) else [said]


def missing_rules(policy: str, bucket: str) -> dict[str, bool]:
    """For each rule that the upload bucket's policy has to have, whether it is missing."""
    said = statements(policy)
    # In a bucket that others use, too, no more than what is ours.
    uploads = {f"arn:aws:s3:::{bucket}/*", f"arn:aws:s3:::{bucket}/uploads/*"}
    return {
        "tls": not any(
            _denies_all(s, "s3:*", uploads) and _has(s, "Bool", "aws:SecureTransport", "false")
            for s in said
        ),
        "sigv4": not any(
            _denies_all(s, "s3:*", uploads)
            and _has(s, "StringNotEquals", "s3:signatureversion", "AWS4-HMAC-SHA256")
            for s in said
        ),
        "write-once": not any(
            _denies_all(s, "s3:PutObject", uploads) and _has(s, "Null", "s3:if-none-match", "true")
            for s in said
        ),
    }


def lets_bucket_send(policy: str, bucket: str) -> bool:
    """Whether a queue's policy lets S3 send the events of this bucket."""
    return any(
        all(_names(value, bucket) for value in _sources(s))
        for s in _letting_send(policy, "s3.amazonaws.com")
    )


def lets_scan_send(policy: str) -> bool:
    """Whether a queue's policy lets EventBridge send what GuardDuty found."""
    return any(_letting_send(policy, "events.amazonaws.com"))


def lets_anyone_send(policy: str) -> bool:
    """Whether a queue's policy lets somebody send without a word of whose events they must be.

    A service acts for everybody's account unless its source is named (IAM User
    Guide, "The confused deputy problem").
    """
    strangers = {"*", "s3.amazonaws.com", "events.amazonaws.com"}
    return any(
        not _SOURCES & {name.lower() for c in s.get("Condition", {}).values() for name in c}
        for sender in strangers
        for s in _letting_send(policy, sender)
    )


#: What tells one's own from everybody else's.
_SOURCES = {
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
}


def _letting_send(policy: str, sender: str) -> Iterator[Statement]:
    for s in statements(policy):
        who = s.get("Principal")
        named = (
            [one for each in who.values() for one in _list(each)]
            if isinstance(who, dict)
            else _list(who)
        )
        if (
            s.get("Effect") == "Allow"
            and {sender, "*"} & set(named)
            and {"sqs:sendmessage", "sqs:*", "*"} & {a.lower() for a in _list(s.get("Action"))}
        ):
            yield s


def _denies_all(statement: Statement, action: str, resources: set[str]) -> bool:
    everybody = statement.get("Principal") in ("*", {"AWS": "*"})
    covered = {_in_partition(r) for r in _list(statement.get("Resource"))}
    return (
        statement.get("Effect") == "Deny"
        and everybody
        and bool({action, "s3:*"} & set(_list(statement.get("Action"))))
        and bool(resources & covered)
    )


def _has(statement: Statement, operator: str, key: str, value: str) -> bool:
    condition = statement.get("Condition", {}).get(operator, {})
    said = {name.lower(): values for name, values in condition.items()}
    return [str(one).lower() for one in _list(said.get(key.lower()))] == [value.lower()]


def _sources(statement: Statement) -> Iterator[str]:
    for condition in statement.get("Condition", {}).values():
        for name, values in condition.items():
            if name.lower() == "aws:sourcearn":
                yield from _list(values)


def _names(arn: str, bucket: str) -> bool:
    return arn.endswith((f":::{bucket}", ":::*")) or arn == "*"


def _in_partition(arn: str) -> str:
    """The ARN as it were in AWS's usual partition: China and GovCloud have others."""
    return arn if not arn.startswith("arn:") else f"arn:aws:{arn.split(':', 2)[2]}"


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [] if value is None else [value]
