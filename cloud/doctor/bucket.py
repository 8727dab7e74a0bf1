"""The upload bucket's settings, one by one, as S3 has them now."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from cloud.doctor import policies
from cloud.doctor.finding import Check, Finding, Findings, Verdict
from cloud.doctor.installation import Installation
from cloud.doctor.looking import DOCTOR_POLICY, look, reads
from uploads.arrivals import PROBES
from uploads.errors import error_code

Said = dict[str, Any]

THERE = Check("bucket.there", "get_bucket_versioning")

#: The kinds of event that the bot has to hear of, and why.
EVENTS = {
    "s3:ObjectCreated:*": "files that land are told of",
    "s3:ObjectRemoved:*": "keys whose file is deleted are closed",
    "s3:LifecycleExpiration:*": "keys whose file expired are closed",
}

#: What the page sends with a file.
UPLOAD_HEADERS = ("content-type", "content-disposition", "if-none-match")

_AS_IN_TEMPLATE = (
    "Set {} of {} again as cloud/template.yaml has it (UploadBucket{}), beside what others have"
    " put there; in a bucket that was there before, run: make deploy."
)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: the call that reads it, and what is wrong with what that says ("" for nothing).

    `absent` is S3's code for a setting that was never made; `part` where in the template it is.
    What a bucket that was there before has set otherwise may be `its_owners` to decide, where links
    are as safe without it: no signature of ours lets an ACL in.
    """

    name: str
    operation: str
    wrong: Callable[[Said, Installation], str]
    good: str
    part: str
    absent: str = ""
    its_owners: bool = False


def examine(it: Installation) -> Findings:
    there = look(THERE, partial(_there, it), reads("UPLOAD_BUCKET"))
    yield there
    if there.verdict is Verdict.BAD:
        return
    for setting in SETTINGS:
        check = Check(f"bucket.{setting.name}", setting.operation)
        yield look(check, partial(_judge, it, check, setting), DOCTOR_POLICY)


def _there(it: Installation) -> Finding:
    it.reading.s3.get_bucket_versioning(Bucket=it.settings.upload_bucket)
    return THERE.ok(it.settings.upload_bucket)


def _judge(it: Installation, check: Check, setting: Setting) -> Finding:
    bucket = it.settings.upload_bucket
    call = getattr(it.reading.s3, setting.operation)
    try:
        said = call(Bucket=bucket)
    except ClientError as error:
        if error_code(error) != setting.absent:
            raise
        said = {}
    wrong = setting.wrong(said, it)
    cure = _AS_IN_TEMPLATE.format(setting.name, bucket, setting.part)
    if wrong and setting.its_owners and not it.owns_its_bucket:
        return check.warning(wrong, f"{cure} If others need it so, it may stay.")
    return check.judged(wrong, setting.good, cure)


def _versioning(said: Said, _it: Installation) -> str:
    status = said.get("Status", "never enabled")
    return "" if status == "Enabled" else f"{status}: what is deleted by mistake is lost"


def _not_set(*kinds: str) -> Callable[[Said, Installation], str]:
    def wrong(said: Said, _it: Installation) -> str:
        blocks = said.get("PublicAccessBlockConfiguration", {})
        off = [kind for kind in kinds if not blocks.get(kind)]
        return f"not set: {', '.join(off)}" if off else ""

    return wrong


def _ownership(said: Said, _it: Installation) -> str:
    rules = said.get("OwnershipControls", {}).get("Rules", [])
    owner = rules[0]["ObjectOwnership"] if rules else "none"
    return "" if owner == "BucketOwnerEnforced" else f"{owner}: ACLs count"


def _encryption(said: Said, _it: Installation) -> str:
    rules = said.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    return "" if any("ApplyServerSideEncryptionByDefault" in rule for rule in rules) else "none"


def _rule(name: str, loss: str) -> Callable[[Said, Installation], str]:
    def wrong(said: Said, it: Installation) -> str:
        missing = policies.missing_rules(said.get("Policy", ""), it.settings.upload_bucket)
        return f"no statement for it: {loss}" if missing[name] else ""

    return wrong


def _notification(said: Said, it: Installation) -> str:
    ours = f":{it.settings.aws_region}:{it.account}:{it.queue}"
    wrong = []
    for event, why in EVENTS.items():
        rules = [r for r in said.get("QueueConfigurations", []) if event in r["Events"]]
        if not rules:
            wrong.append(f"{event} is sent nowhere, so that not all {why}")
        elif not any(rule["QueueArn"].endswith(ours) for rule in rules):
            wrong.append(f"{event} goes to another queue than EVENT_QUEUE_URL")
        elif not any(_reaches_all(r) for r in rules if r["QueueArn"].endswith(ours)):
            wrong.append(f"{event} is filtered, so that not all {why}")
    if it.settings.malware_scan and "EventBridgeConfiguration" not in said:
        wrong.append("EventBridge is off, so that GuardDuty scans nothing and no file is released")
    return "; ".join(wrong)


def _reaches_all(rule: Said) -> bool:
    """Whether its filter lets every key through that a link has."""
    filters = rule.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    values = {one["Name"].lower(): one.get("Value", "") for one in filters}
    return "uploads/".startswith(values.get("prefix", "")) and not values.get("suffix")


def _lifecycle(said: Said, it: Installation) -> str:
    rules = [rule for rule in said.get("Rules", []) if rule["Status"] == "Enabled"]
    if not any("AbortIncompleteMultipartUpload" in rule for rule in rules):
        return "unfinished uploads stay for ever, unseen, and cost"
    meant = it.settings.policy.retention_days
    deleting = [rule for rule in rules if _deletes(rule) and _touches_uploads(rule)]
    for rule in deleting:
        if rule["Expiration"].get("Days") != meant:
            promised = f"after {meant} days" if meant else "never"
            return f"rule {rule.get('ID')} deletes received files, RETENTION_DAYS says {promised}"
    if meant and not deleting:
        return f"nothing deletes received files, RETENTION_DAYS says after {meant} days"
    return ""


def _deletes(rule: Said) -> bool:
    return bool({"Days", "Date"} & set(rule.get("Expiration", {})))


def _touches_uploads(rule: Said) -> bool:
    within = rule.get("Filter", {})
    if "Tag" in within or within.get("And", {}).get("Tags"):
        return False  # links give no tags
    prefix = rule.get("Prefix", within.get("Prefix", within.get("And", {}).get("Prefix", "")))
    ours = prefix.startswith(PROBES)  # what we may leave
    return not ours and (prefix.startswith("uploads/") or "uploads/".startswith(prefix))


def _cors(said: Said, it: Installation) -> str:
    # What others may read of a bucket that they share is theirs to say.
    writing = [rule for rule in said.get("CORSRules", []) if "PUT" in rule["AllowedMethods"]]
    if any("*" in rule["AllowedOrigins"] for rule in writing):
        return "any page may use the bucket, not just ours"
    rules = [r for r in said.get("CORSRules", []) if _is_for(r, it.page_origin)]
    if not rules:
        return f"no rule for {it.page_origin}, which is where the page is"
    methods = {method for rule in rules for method in rule["AllowedMethods"]}
    headers = {header.lower() for rule in rules for header in rule.get("AllowedHeaders", [])}
    exposed = {header.lower() for rule in rules for header in rule.get("ExposeHeaders", [])}
    lacks = [m for m in ("PUT", "HEAD", "GET", "POST", "DELETE") if m not in methods]
    lacks += [h for h in UPLOAD_HEADERS if not {h, "*"} & headers]
    lacks += [f"exposed {h}" for h in ("etag", "content-disposition") if h not in exposed]
    return f"the page's rule lacks {', '.join(lacks)}" if lacks else ""


def _is_for(rule: Said, origin: str) -> bool:
    # One * in an origin stands for anything (S3 User Guide, "Elements of a CORS configuration").
    return any(fnmatchcase(origin, allowed) for allowed in rule["AllowedOrigins"])


SETTINGS = (
    Setting(
        "versioning", "get_bucket_versioning", _versioning, "enabled", ".VersioningConfiguration"
    ),
    Setting(
        "public-access",
        "get_public_access_block",
        _not_set("BlockPublicPolicy", "RestrictPublicBuckets"),
        "blocked, whatever the policy says",
        ".PublicAccessBlockConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
    ),
    Setting(
        "public-acls",
        "get_public_access_block",
        _not_set("BlockPublicAcls", "IgnorePublicAcls"),
        "blocked, whatever an ACL says",
        ".PublicAccessBlockConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        its_owners=True,
    ),
    Setting(
        "ownership",
        "get_bucket_ownership_controls",
        _ownership,
        "the bucket owner's, and no ACLs",
        ".OwnershipControls",
        "OwnershipControlsNotFoundError",
        its_owners=True,
    ),
    Setting(
        "encryption",
        "get_bucket_encryption",
        _encryption,
        "by default",
        ".BucketEncryption",
        "ServerSideEncryptionConfigurationNotFoundError",
    ),
    *(
        Setting(name, "get_bucket_policy", _rule(name, loss), good, "Policy", "NoSuchBucketPolicy")
        for name, loss, good in (
            ("tls", "links work unencrypted", "refused without TLS"),
            ("sigv4", "old signatures carry no conditions", "only signatures of version 4"),
            ("write-once", "a link may overwrite what it delivered", "every key is written once"),
        )
    ),
    Setting(
        "notification",
        "get_bucket_notification_configuration",
        _notification,
        "created, removed and expired, to our queue",
        ".NotificationConfiguration",
    ),
    Setting(
        "lifecycle",
        "get_bucket_lifecycle_configuration",
        _lifecycle,
        "unfinished uploads are cleared",
        ".LifecycleConfiguration",
        "NoSuchLifecycleConfiguration",
    ),
    Setting(
        "cors",
        "get_bucket_cors",
        _cors,
        "the page, and nobody else",
        ".CorsConfiguration",
        "NoSuchCORSConfiguration",
    ),
)
