"""What a stack wants of a bucket that others use, too, and how it fits in there. Pure.

Each rule has a name, by which it is found again: whatever has another name is
somebody else's, and stays as it is. All that is ours is about `uploads/`.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cloud.stack import Change

Rule = dict[str, Any]

PREFIX = "uploads/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """The stack that uses the bucket. What is not known before it is made is ""."""

    stack: str
    bucket: str
    queue: str = ""  #: the ARN of its queue, in the same region
    origin: str = ""  #: of the page
    retention_days: int = 0  #: 0 keeps files for ever

    @property
    def sid(self) -> str:
        """What its statements' Sids begin with, which take letters and digits only."""
        return "".join(part.capitalize() for part in self.stack.split("-"))


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of rules: what it is called, and which member of a rule is its name."""

    title: str
    name: str
    ours: Callable[[Tenant], list[Rule]]
    owned: Callable[[Tenant], Collection[str]]  #: every name that we ever give to one


def _cors(tenant: Tenant) -> list[Rule]:
    return [
        {
            "ID": f"{tenant.stack}-page",
            "AllowedOrigins": [tenant.origin],
            "AllowedMethods": ["PUT", "HEAD", "GET", "POST", "DELETE"],
            "AllowedHeaders": ["content-type", "content-disposition", "if-none-match"],
            "ExposeHeaders": ["ETag", "content-disposition", "x-amz-checksum-crc64nvme"],
            "MaxAgeSeconds": 7200,
        }
    ]


_EVENTS = {
    "created": "s3:ObjectCreated:*",
    "removed": "s3:ObjectRemoved:*",
    "expired": "s3:LifecycleExpiration:*",
}


def _notifications(tenant: Tenant) -> list[Rule]:
    return [
        {
            "Id": f"{tenant.stack}-{what}",
            "QueueArn": tenant.queue,
            "Events": [event],
            "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": PREFIX}]}},
        }
        for what, event in _EVENTS.items()
    ]


#: As in the template; but there all of the bucket is ours.
_FORBIDDEN: dict[str, Rule] = {
    "OnlyTls": {"Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    "OnlySignatureVersion4": {
        "Action": "s3:*",
        "Condition": {"StringNotEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}},
    },
    "OnlyWriteOnce": {
        "Action": "s3:PutObject",
        "Condition": {
            "Null": {"s3:if-none-match": "true", "s3:x-amz-copy-source": "true"},
            "Bool": {"s3:ObjectCreationOperation": "true"},
        },
    },
}


def _statements(tenant: Tenant) -> list[Rule]:
    partition = tenant.queue.split(":")[1] if tenant.queue else "aws"
    where = f"arn:{partition}:s3:::{tenant.bucket}/{PREFIX}*"
    return [
        {"Sid": tenant.sid + sid, "Effect": "Deny", "Principal": "*", "Resource": where, **said}
        for sid, said in _FORBIDDEN.items()
    ]


def _lifecycle(tenant: Tenant) -> list[Rule]:
    about: Rule = {"Status": "Enabled", "Filter": {"Prefix": PREFIX}}
    rules: list[Rule] = [
        {
            "ID": f"{tenant.stack}-unfinished-uploads",
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 91},
            **about,
        },
        {
            "ID": f"{tenant.stack}-what-was-deleted",
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
            "Expiration": {"ExpiredObjectDeleteMarker": True},
            **about,
        },
    ]
    rules.append(
        {
            "ID": f"{tenant.stack}-what-the-doctor-left",
            "Status": "Enabled",
            "Filter": {"Prefix": f"{PREFIX}doctor/"},
            "Expiration": {"Days": 1},
        }
    )
    if tenant.retention_days:
        name, days = f"{tenant.stack}-received-files", tenant.retention_days
        rules.append({"ID": name, "Expiration": {"Days": days}, **about})
    return rules


def _named(*names: str) -> Callable[[Tenant], Collection[str]]:
    return lambda tenant: {f"{tenant.stack}-{name}" for name in names}


CORS = Kind("CORS rule", "ID", _cors, _named("page"))
NOTIFICATION = Kind("event notification", "Id", _notifications, _named(*_EVENTS))
STATEMENT = Kind(
    "policy statement",
    "Sid",
    _statements,
    lambda tenant: {tenant.sid + sid for sid in _FORBIDDEN},
)
LIFECYCLE = Kind(
    "lifecycle rule",
    "ID",
    _lifecycle,
    _named("unfinished-uploads", "what-was-deleted", "what-the-doctor-left", "received-files"),
)


def merged(kind: Kind, there: Sequence[Rule], ours: Iterable[Rule], tenant: Tenant) -> list[Rule]:
    """Ours, and whatever is somebody else's.

    Ours first: of CORS rules, S3 takes the first that fits (S3 User Guide, "CORS
    configuration").
    """
    owned = kind.owned(tenant)
    return [*ours, *(rule for rule in there if rule.get(kind.name) not in owned)]


def changes(
    kind: Kind, there: Sequence[Rule], ours: Iterable[Rule], tenant: Tenant
) -> Iterator[Change]:
    """What merging would do to each rule of ours."""
    owned = kind.owned(tenant)
    known = {rule[kind.name]: rule for rule in there if rule.get(kind.name) in owned}
    for rule in ours:
        name = rule[kind.name]
        before = known.pop(name, None)
        if before is None:
            yield Change("Add", name, kind.title)
        elif _plain(before) != _plain(rule):
            yield Change("Modify", name, kind.title, "False")
    for name in known:
        yield Change("Remove", name, kind.title)


def _plain(value: Any) -> Any:
    """The same for what means the same: S3 gives lists back in another order, and `Prefix` for `prefix`."""
    if isinstance(value, list):
        return sorted((_plain(one) for one in value), key=repr)
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Name", "Value"}:
        return (value["Name"].lower(), value["Value"])
    return sorted((name, _plain(one)) for name, one in value.items())


def overlapping(there: Iterable[Rule], tenant: Tenant) -> list[str]:
    """The names of somebody else's notifications that S3 would not have beside ours.

    Of two with a common event, no key may fit both (S3 User Guide, "Configuring
    event notifications using object key name filtering"). Ours take every suffix.
    """
    owned = NOTIFICATION.owned(tenant)
    return [
        rule.get("Id", "without a name")
        for rule in there
        if rule.get("Id") not in owned
        and any(_common(one, event) for one in rule["Events"] for event in _EVENTS.values())
        and _common(_prefix(rule) + "*", PREFIX + "*")
    ]


def _prefix(notification: Rule) -> str:
    filters = notification.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    return next((said["Value"] for said in filters if said["Name"].lower() == "prefix"), "")


def _common(one: str, other: str) -> bool:
    """Whether anything fits both, of which each may end in a star."""
    shorter, longer = sorted((one, other), key=len)
    return longer == shorter or (
        shorter.endswith("*") and longer.startswith(shorter.removesuffix("*"))
    )
