"""A bucket that was there before the stack: it gets what the bot needs of it, and loses nothing."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from operators import Operator, bring_up

from cloud import merging
from cloud.doctor.policies import missing_rules
from cloud.merging import CORS, LIFECYCLE, NOTIFICATION, STATEMENT, Kind, Tenant
from cloud.stack import TEMPLATE
from local.aws import ACCOUNT, origins
from local.clients import session
from local.loopback import request

THEIRS: dict[str, Any] = {
    "cors": {
        "CORSRules": [{"ID": "all", "AllowedOrigins": ["*"], "AllowedMethods": ["GET", "PUT"]}]
    },
    "lifecycle": {
        "Rules": [
            {
                "ID": "logs",
                "Status": "Enabled",
                "Filter": {"Prefix": "logs/"},
                "Expiration": {"Days": 9},
            }
        ]
    },
    "policy": {
        "Version": "2012-10-17",
        "Id": "ours",
        "Statement": [
            {
                "Sid": "Auditors",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::{bucket}/reports/*",
            }
        ],
    },
}


class Company:
    """A bucket with a life of its own."""

    def __init__(self, operator: Operator, *, versions: bool = True) -> None:
        self.s3 = operator.aws.client("s3")
        self.sqs = operator.aws.client("sqs")
        self.bucket = f"{operator.name}-company"
        where = {"LocationConstraint": operator.aws.region}
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration=where)
        self.s3.put_bucket_cors(Bucket=self.bucket, CORSConfiguration=THEIRS["cors"])
        self.s3.put_bucket_lifecycle_configuration(
            Bucket=self.bucket, LifecycleConfiguration=THEIRS["lifecycle"]
        )
        policy = json.dumps(THEIRS["policy"]).replace("{bucket}", self.bucket)
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=policy)
        self.notify("logs/")
        if versions:
            self.s3.put_bucket_versioning(
                Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"}
            )

    def notify(self, prefix: str) -> None:
        """Let a queue of the company's hear of what is created there, and EventBridge of all."""
        url = self.sqs.create_queue(QueueName=self.bucket)["QueueUrl"]
        arn = f"arn:aws:sqs:{self.s3.meta.region_name}:{ACCOUNT}:{self.bucket}"
        anybody = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": arn}
        self.sqs.set_queue_attributes(
            QueueUrl=url, Attributes={"Policy": json.dumps({"Statement": [anybody]})}
        )
        rules = [{"Name": "prefix", "Value": prefix}]
        said = {
            "Id": "theirs",
            "QueueArn": arn,
            "Events": ["s3:ObjectCreated:Put"],
            "Filter": {"Key": {"FilterRules": rules}},
        }
        self.s3.put_bucket_notification_configuration(
            Bucket=self.bucket,
            NotificationConfiguration={
                "QueueConfigurations": [said],
                "EventBridgeConfiguration": {},
            },
        )

    def all(self) -> dict[str, Any]:
        """Everything that a merge could touch."""
        read = {
            "cors": self.s3.get_bucket_cors,
            "lifecycle": self.s3.get_bucket_lifecycle_configuration,
            "policy": self.s3.get_bucket_policy,
            "notifications": self.s3.get_bucket_notification_configuration,
        }
        found = {name: get(Bucket=self.bucket) for name, get in read.items()}
        for said in found.values():
            del said["ResponseMetadata"]
        return found | {"policy": json.loads(found["policy"]["Policy"])}

    def names(self) -> set[str]:
        """What is ours in it."""
        found = self.all()
        rules = [
            *found["cors"]["CORSRules"],
            *found["lifecycle"]["Rules"],
            *found["policy"]["Statement"],
            *found["notifications"]["QueueConfigurations"],
        ]
        named = {rule.get("ID") or rule.get("Id") or rule["Sid"] for rule in rules}
        return named - {"all", "logs", "Auditors", "theirs"}


def ours(operator: Operator) -> set[str]:
    """What a stack puts in where files are kept for ever."""
    stack, sid = operator.name, operator.name.capitalize()
    whats = ["page", "created", "removed", "expired"]
    whats += ["unfinished-uploads", "what-was-deleted", "what-the-doctor-left"]
    sids = ("OnlyTls", "OnlySignatureVersion4", "OnlyWriteOnce")
    return {f"{stack}-{what}" for what in whats} | {sid + what for what in sids}


def deploy(operator: Operator, *arguments: str) -> tuple[int, str]:
    return operator.run("deploy", "--patience", "0", *arguments)


def test_it_moves_in_and_out(operator: Operator) -> None:
    """What was there stays to the letter; what is ours works, is not put in twice, and goes again."""
    company = Company(operator)
    before = company.all()
    status, said = deploy(operator, "--upload-bucket", company.bucket)
    assert status == 0, said
    assert f"+ {operator.name}-page" in said
    assert f"In {company.bucket}, where all else stays" in said
    assert f"{company.bucket} keeps the public out." in said
    assert "UploadBucket" not in said
    assert company.names() == ours(operator)
    assert operator.buckets() == {"page", "company"}
    assert f"UPLOAD_BUCKET={company.bucket}\n" in operator.env.read_text()

    outputs, settled = operator.stack.outputs(), company.all()
    status, said = deploy(operator)
    assert status == 0, said
    assert "all else stays" not in said
    assert company.all() == settled
    lacks = missing_rules(json.dumps(settled["policy"]), company.bucket)
    assert not any(lacks.values()), lacks  # the doctor is content, too

    company.s3.put_object(Bucket=company.bucket, Key="uploads/1", Body=b"x", IfNoneMatch="*")
    sqs, queue = operator.aws.client("sqs"), outputs["EventQueueUrl"]
    bodies = ""
    while "uploads/1" not in bodies:
        heard = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
        bodies += "".join(message["Body"] for message in heard)

    status, said = operator.run("destroy", "--yes")
    assert status == 0, said
    assert f"- {operator.name}-page" in said
    assert company.all() == before
    assert company.s3.get_object(Bucket=company.bucket, Key="uploads/1")["Body"].read() == b"x"
    assert operator.buckets() == {"company"}


def test_links_work_in_it(operator: Operator) -> None:
    """The page may send there, by its own rule, and S3 holds everybody to write once, there only."""
    company = Company(operator)
    assert deploy(operator, "--upload-bucket", company.bucket)[0] == 0
    outputs = operator.stack.outputs()
    here = origins(outputs, urlsplit(operator.aws.endpoint).netloc)
    preflight = {
        "Origin": outputs["PageUrl"],
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-disposition,if-none-match",
    }
    answer = request("OPTIONS", f"{here['UploadOrigin']}/uploads/1", headers=preflight)
    assert answer.headers["access-control-allow-origin"] == outputs["PageUrl"]
    assert (
        outputs["UploadOrigin"]
        == f"https://{company.bucket}.s3.{operator.aws.region}.amazonaws.com"
    )
    key = session(*operator.aws.twin_key, region=operator.aws.region)
    s3 = key.client("s3", endpoint_url=operator.aws.endpoint)
    iam = operator.aws.client("iam")
    iam.attach_user_policy(UserName="twin", PolicyArn=outputs["BotPolicyArn"])
    with pytest.raises(s3.exceptions.ClientError, match="explicit deny"):
        s3.put_object(Bucket=company.bucket, Key="uploads/1", Body=b"x")
    s3.put_object(Bucket=company.bucket, Key="uploads/1", Body=b"x", IfNoneMatch="*")
    with pytest.raises(s3.exceptions.ClientError, match="AccessDenied"):
        s3.put_object(Bucket=company.bucket, Key="reports/1", Body=b"x", IfNoneMatch="*")
    iam.detach_user_policy(UserName="twin", PolicyArn=outputs["BotPolicyArn"])


def test_a_dry_run_changes_nothing_in_it(operator: Operator) -> None:
    """It says what it would."""
    company = Company(operator, versions=False)
    before = company.all()
    status, said = deploy(operator, "--dry-run", "--upload-bucket", company.bucket)
    assert status == 0, said
    assert f"+ {operator.name}-created" in said
    assert "~ versioning" in said
    assert company.all() == before
    assert operator.buckets() == {"company"}
    assert deploy(operator, "--upload-bucket", company.bucket, "--yes")[0] == 0
    before = company.all()
    status, said = operator.run("destroy", "--dry-run")
    assert f"- {operator.name}-created" in said
    assert company.all() == before


def test_what_cannot_be_undone_is_asked(operator: Operator) -> None:
    """Versions, and files that lie where links will put theirs."""
    company = Company(operator, versions=False)
    company.s3.put_object(Bucket=company.bucket, Key="uploads/old", Body=b"x")
    before = company.all()
    status, said = deploy(operator, "--upload-bucket", company.bucket)
    assert status == 1
    assert "begins to keep versions" in said
    assert "Nothing was changed" in said
    company.s3.put_bucket_versioning(
        Bucket=company.bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    status, said = deploy(operator, "--upload-bucket", company.bucket)
    assert status == 1
    assert "Something lies under uploads/" in said
    assert company.all() == before
    assert operator.stack.outputs() == {}
    assert deploy(operator, "--upload-bucket", company.bucket, "--yes")[0] == 0
    assert operator.run("destroy", "--yes")[0] == 0
    assert company.s3.get_bucket_versioning(Bucket=company.bucket)["Status"] == "Enabled"


def test_a_bucket_that_cannot_be_used_gets_a_sentence(operator: Operator) -> None:
    """Before anything is changed."""
    company = Company(operator)
    far = session(*operator.aws.root_key, region="us-east-1").client(
        "s3", endpoint_url=operator.aws.endpoint
    )
    far.create_bucket(Bucket=f"{operator.name}-far")
    own = f"{operator.name}-uploads-{ACCOUNT}-{operator.aws.region}"
    locked = f"{operator.name}-locked"
    where = {"LocationConstraint": operator.aws.region}
    company.s3.create_bucket(
        Bucket=locked, CreateBucketConfiguration=where, ObjectLockEnabledForBucket=True
    )
    retention = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    company.s3.put_object_lock_configuration(
        Bucket=locked,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": retention},
    )
    for bucket, sentence in (
        ("nobody-s", "There is no bucket nobody-s."),
        (f"{operator.name}-far", "is in us-east-1"),
        (own, "the stack's own bucket"),
        (locked, "locks every object for a time"),
        ("with.dots", "without dots"),
    ):
        status, said = deploy(operator, "--upload-bucket", bucket)
        assert status in {1, 2}
        assert sentence in said
    company.notify("")
    status, said = deploy(operator, "--upload-bucket", company.bucket)
    assert status == 1
    assert "tells somebody else of what lands in uploads/ already" in said
    assert "theirs" in said
    operator.aws.faults.add(method="HEAD", path=company.bucket, status=403, code="AccessDenied")
    status, said = deploy(operator, "--upload-bucket", company.bucket)
    assert status == 1
    assert "is not this account's" in said
    assert operator.stack._find() is None


def test_what_is_unusual_about_it_is_said(operator: Operator) -> None:
    """And stays as it is: who may see it, and a key that the bot has to be let use."""
    company = Company(operator)
    company.s3.delete_public_access_block(Bucket=company.bucket)
    key = f"arn:aws:kms:{operator.aws.region}:{ACCOUNT}:key/1"
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = [{"ApplyServerSideEncryptionByDefault": by_default}]
    company.s3.put_bucket_encryption(
        Bucket=company.bucket, ServerSideEncryptionConfiguration={"Rules": rules}
    )
    status, said = deploy(operator, "--dry-run", "--upload-bucket", company.bucket)
    assert status == 0, said
    assert "does not keep the public out whatever its policy says: BlockPublicAcls, Ignore" in said
    assert f"encrypts with {key}: let the bot's identity use it" in said


def test_an_interrupted_move_is_brought_to_its_end(operator: Operator) -> None:
    """In, with a stack that stands already, and out, with one that still does."""
    company = Company(operator)
    before = company.all()
    refused = {"path": f"^/{company.bucket}$", "status": 403, "code": "AccessDenied"}
    operator.aws.faults.add(method="PUT", **refused)
    status, said = deploy(operator, "--upload-bucket", company.bucket)
    assert status == 1
    assert "AWS refuses" in said
    status, said = deploy(operator)
    assert status == 0, said
    assert "The stack is as the template wants it." in said
    assert company.names() == ours(operator)
    operator.aws.faults.add(method="PUT", **refused)
    assert operator.run("destroy", "--yes")[0] == 1
    assert operator.stack.outputs()["UploadBucket"] == company.bucket
    assert operator.run("destroy", "--yes")[0] == 0
    assert company.all() == before


def test_a_stack_moves_from_its_own_bucket_and_back(operator: Operator) -> None:
    """The old one is kept, and taken over again; both times somebody says yes."""
    own = bring_up(operator)["UploadBucket"]
    company = Company(operator)
    before = company.all()
    company.s3.put_object(Bucket=own, Key="uploads/1", Body=b"kept", IfNoneMatch="*")
    status, said = deploy(operator, "--upload-bucket", company.bucket)
    assert status == 1
    assert f"What lies in {own} stays there" in said
    assert operator.stack.outputs()["UploadBucket"] == own
    status, said = deploy(operator, "--upload-bucket", company.bucket, "--yes")
    assert status == 0, said
    assert "- UploadBucket " in said
    assert operator.stack.outputs()["UploadBucket"] == company.bucket
    assert company.names() == ours(operator)
    assert company.s3.get_object(Bucket=own, Key="uploads/1")["Body"].read() == b"kept"

    status, said = deploy(operator, "--upload-bucket", "")
    assert status == 1
    assert "Links that are open stop working" in said
    assert company.names() == ours(operator)
    status, said = deploy(operator, "--upload-bucket", "", "--yes")
    assert status == 0, said
    assert "↺ UploadBucket " in said
    assert operator.stack.outputs()["UploadBucket"] == own
    assert company.all() == before


def test_a_move_that_fails_is_no_move(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    """CloudFormation rolls back: the bucket that is still in use has all that it needs."""
    company = Company(operator)
    assert deploy(operator, "--upload-bucket", company.bucket)[0] == 0
    settled = company.all()
    wrong = "\n  Wrong: { Type: AWS::Lambda::Url, Properties: { AuthType: NONE, TargetFunctionArn: nobody } }"
    bad = operator.folder / "template.yaml"
    bad.write_text(TEMPLATE.read_text().replace("\nOutputs:", f"{wrong}\n\nOutputs:"))
    with monkeypatch.context() as patch:
        patch.setattr("cloud.stack.TEMPLATE", bad)
        status, said = deploy(operator, "--upload-bucket", "", "--yes")
    assert (status, "✗ Wrong: " in said) == (1, True), said
    assert company.all() == settled


def test_options_reach_it(operator: Operator) -> None:
    """A domain and a retention become rules there; a retention that is taken back is taken out."""
    company = Company(operator)
    certificate = "arn:aws:acm:us-east-1:000000000000:certificate/1"
    domain = ("--domain", "files.example.com", "--certificate", certificate)
    assert deploy(operator, "--upload-bucket", company.bucket)[0] == 0
    status, said = deploy(operator, "--retention-days", "30", *domain, "--yes")
    assert status == 0, said
    assert f"+ {operator.name}-received-files" in said
    assert f"~ {operator.name}-page" in said
    found = company.all()
    assert found["cors"]["CORSRules"][0]["AllowedOrigins"] == ["https://files.example.com"]
    assert company.names() == ours(operator) | {f"{operator.name}-received-files"}
    assert deploy(operator, "--retention-days", "0", "--yes")[0] == 0
    assert company.names() == ours(operator)


def test_files_in_it_are_never_deleted(operator: Operator) -> None:
    """Not even when told twice. And when it is gone, what else there is can still be deleted."""
    company = Company(operator)
    assert deploy(operator, "--upload-bucket", company.bucket)[0] == 0
    told = ("--yes", "--delete-files", "--confirm-bucket", company.bucket)
    status, said = operator.run("destroy", *told)
    assert status == 1
    assert f"{company.bucket} was there before the stack" in said
    assert company.names() == ours(operator)
    company.s3.delete_bucket(Bucket=company.bucket)
    status, said = operator.run("destroy", "--yes")
    assert status == 0, said
    assert operator.buckets() == set()


TENANT = Tenant(stack="a", bucket="b", queue="arn:aws-cn:sqs:r:1:q", origin="https://p")


@pytest.mark.parametrize("kind", [CORS, LIFECYCLE, NOTIFICATION, STATEMENT])
def test_merging_knows_its_own(kind: Kind) -> None:
    """What S3 gives back in another spelling is the same; somebody else's is never named."""
    theirs = [{kind.name: "a-of-theirs"}, {"without": "a name"}]
    there = merging.merged(kind, theirs, kind.ours(TENANT), TENANT)
    assert there[-2:] == theirs
    said = (
        json.dumps(there).replace('"prefix"', '"Prefix"').replace('"PUT", "HEAD"', '"HEAD", "PUT"')
    )
    assert not list(merging.changes(kind, json.loads(said), kind.ours(TENANT), TENANT))
    leaving = list(merging.changes(kind, there, [], TENANT))
    assert {change.action for change in leaving} == {"Remove"}
    assert len(leaving) == len(kind.ours(TENANT))
    assert merging.merged(kind, there, [], TENANT) == theirs


@pytest.mark.parametrize(
    ("event", "prefix", "suffix", "collides"),
    [
        ("s3:ObjectCreated:Put", "uploads/", "", True),
        ("s3:ObjectCreated:*", "", ".pdf", True),
        ("s3:ObjectRemoved:Delete", "uploads/2026/", "", True),
        ("s3:ObjectCreated:*", "up", "", True),
        ("s3:ObjectCreated:*", "upload", "", True),
        ("s3:ObjectCreated:*", "logs/", "", False),
        ("s3:ObjectCreated:*", "uploads-old/", "", False),
        ("s3:ObjectTagging:*", "uploads/", "", False),
    ],
)
def test_notifications_that_s3_would_refuse(
    event: str, prefix: str, suffix: str, collides: bool
) -> None:
    """A common event, and a key that fits both: whatever kind of target the other one has."""
    rules = [{"Name": "Prefix", "Value": prefix}, {"Name": "Suffix", "Value": suffix}]
    other = {"Id": "x", "Events": [event], "Filter": {"Key": {"FilterRules": rules}}}
    mine = NOTIFICATION.ours(TENANT)
    assert merging.overlapping([*mine, other], TENANT) == (["x"] if collides else [])
