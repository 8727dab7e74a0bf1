"""A bucket that the company has already: what a stack needs of it goes in beside what is there.

S3 has one configuration of each kind for a bucket, which a write replaces as a
whole. So each is read, merged and written, at once: whoever changes the same in
that second may lose it, which S3 gives no way to prevent.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from cloud import merging
from cloud.merging import CORS, LIFECYCLE, NOTIFICATION, PREFIX, STATEMENT, Kind, Rule, Tenant
from cloud.stack import Change

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class BucketError(Exception):
    """The bucket cannot be used. The text says why, and what to do."""


def is_there(s3: "S3Client", bucket: str) -> bool:
    """Whether there is such a bucket of ours."""
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise
        return False
    return True


def check(s3: "S3Client", tenant: Tenant, account: str) -> None:
    """Raise `BucketError` where a stack in this account and the client's region cannot use it."""
    bucket = tenant.bucket
    try:
        head = s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=account)
    except ClientError as error:
        match error.response["ResponseMetadata"]["HTTPStatusCode"]:
            case 404:
                raise BucketError(f"There is no bucket {bucket}.") from None
            case 403:
                raise BucketError(
                    f"The bucket {bucket} is not this account's ({account}), or these credentials"
                    " may not look at it."
                ) from None
        raise
    region, ours = head["BucketRegion"], s3.meta.region_name
    if region != ours:
        raise BucketError(
            f"The bucket {bucket} is in {region}, and the stack in {ours}: S3 tells of files only to"
            f" queues of the bucket's own region. Deploy with --region {region}."
        )
    if _locks(s3, bucket):
        raise BucketError(
            f"The bucket {bucket} locks every object for a time (Object Lock, default retention):"
            " S3 then takes none without a checksum, which links do not sign."
        )

    found: Any = s3.get_bucket_notification_configuration(Bucket=bucket)
    there = [
        rule for name, rules in found.items() if name.endswith("Configurations") for rule in rules
    ]
    if others := merging.overlapping(there, tenant):
        raise BucketError(
            f"The bucket {bucket} tells somebody else of what lands in {PREFIX} already, and"
            f" S3 tells only one: {', '.join(others)}. Give that notification a prefix that leaves"
            f" {PREFIX} out, or choose another bucket."
        )


def remarks(s3: "S3Client", bucket: str) -> Iterator[str]:
    """What is as it is, and should be known."""
    block = _there("NoSuchPublicAccessBlockConfiguration", s3.get_public_access_block, bucket).get(
        "PublicAccessBlockConfiguration", {}
    )
    off = [
        name
        for name in (
            "BlockPublicAcls",
            "IgnorePublicAcls",
            "BlockPublicPolicy",
            "RestrictPublicBuckets",
        )
        if not block.get(name)
    ]
    if off:
        yield (
            f"{bucket} does not keep the public out whatever its policy says: {', '.join(off)}"
            " not set. It stays so."
        )
    else:
        yield f"{bucket} keeps the public out."
    said = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    for rule in said["Rules"]:
        if key := rule.get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID"):
            yield (
                f"{bucket} encrypts with {key}: let the bot's identity use it, too"
                " (kms:GenerateDataKey and kms:Decrypt)."
            )


def is_versioned(s3: "S3Client", bucket: str) -> bool:
    """Whether what is deleted or replaced stays as an old version."""
    return s3.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled"


def is_in_use(s3: "S3Client", bucket: str) -> bool:
    """Whether anything lies where links would put their files."""
    return bool(s3.list_objects_v2(Bucket=bucket, Prefix=PREFIX, MaxKeys=1)["KeyCount"])


def changes(s3: "S3Client", tenant: Tenant, *, leaves: bool = False) -> list[Change]:
    """What `settle` would do."""
    return [
        change
        for kind in _KINDS
        for change in merging.changes(
            kind, _read(s3, kind, tenant.bucket), _ours(kind, tenant, leaves=leaves), tenant
        )
    ]


def settle(s3: "S3Client", tenant: Tenant, *, leaves: bool = False) -> None:
    """Put in what the tenant needs; where it `leaves`, take all of that out. May be repeated.

    Versions stay on: switched off, they would only be suspended.
    """
    if not leaves and not is_versioned(s3, tenant.bucket):
        s3.put_bucket_versioning(
            Bucket=tenant.bucket, VersioningConfiguration={"Status": "Enabled"}
        )
    for kind in _KINDS:
        there, ours = _read(s3, kind, tenant.bucket), _ours(kind, tenant, leaves=leaves)
        if any(merging.changes(kind, there, ours, tenant)):
            _write(s3, kind, tenant.bucket, merging.merged(kind, there, ours, tenant))


#: In this order, so that a browser is let in last.
_KINDS = (STATEMENT, LIFECYCLE, NOTIFICATION, CORS)


def _ours(kind: Kind, tenant: Tenant, *, leaves: bool) -> list[Rule]:
    return [] if leaves else kind.ours(tenant)


def _read(s3: "S3Client", kind: Kind, bucket: str) -> list[Rule]:
    rules: list[Rule]
    if kind is STATEMENT:
        rules = _policy(s3, bucket)["Statement"]
    elif kind is LIFECYCLE:
        rules = _lifecycle(s3, bucket).get("Rules", [])
    elif kind is NOTIFICATION:
        found: Any = s3.get_bucket_notification_configuration(Bucket=bucket)
        rules = found.get("QueueConfigurations", [])
    else:
        rules = _there("NoSuchCORSConfiguration", s3.get_bucket_cors, bucket).get("CORSRules", [])
    return rules


def _write(s3: "S3Client", kind: Kind, bucket: str, rules: list[Any]) -> None:
    """Write the rules of a kind, and whatever stands beside them, back."""
    if kind is STATEMENT:
        if not rules:
            s3.delete_bucket_policy(Bucket=bucket)
            return
        policy = _policy(s3, bucket) | {"Statement": rules}
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    elif kind is LIFECYCLE:
        if not rules:
            s3.delete_bucket_lifecycle(Bucket=bucket)
            return
        size = _lifecycle(s3, bucket).get("TransitionDefaultMinimumObjectSize")
        beside: Any = {"TransitionDefaultMinimumObjectSize": size} if size else {}
        s3.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": list(map(_filtered, rules))}, **beside
        )
    elif kind is NOTIFICATION:
        whole: Any = s3.get_bucket_notification_configuration(Bucket=bucket)
        whole.pop("ResponseMetadata")
        s3.put_bucket_notification_configuration(
            Bucket=bucket,
            NotificationConfiguration=whole | {"QueueConfigurations": rules},
            # Somebody else's queue may be gone; ours the doctor tries out.
            SkipDestinationValidation=True,
        )
    elif rules:
        s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    else:
        s3.delete_bucket_cors(Bucket=bucket)


def _filtered(rule: Any) -> Any:
    # S3 takes no configuration in which a rule of the old form, with a prefix, stands beside new ones.
    if "Prefix" not in rule:
        return rule
    rest = {name: value for name, value in rule.items() if name != "Prefix"}
    return rest | {"Filter": {"Prefix": rule["Prefix"]}}


def _policy(s3: "S3Client", bucket: str) -> dict[str, Any]:
    found = _there("NoSuchBucketPolicy", s3.get_bucket_policy, bucket)
    policy: dict[str, Any] = json.loads(found.get("Policy", '{"Version": "2012-10-17"}'))
    said = policy.get("Statement", [])
    return policy | {"Statement": said if isinstance(said, list) else [said]}


def _lifecycle(s3: "S3Client", bucket: str) -> dict[str, Any]:
    return _there("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, bucket)


def _locks(s3: "S3Client", bucket: str) -> bool:
    found = _there("ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration, bucket)
    return "Rule" in found.get("ObjectLockConfiguration", {})


def _there(missing: str, get: Any, bucket: str) -> dict[str, Any]:
    """What is configured; empty where S3 says by this code that nothing is."""
    try:
        found: dict[str, Any] = get(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != missing:
            raise
        return {}
    return found
