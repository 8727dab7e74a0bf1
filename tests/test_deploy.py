"""From nothing to running in an AWS account, and back: the commands, as somebody types them."""

import json
import re
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from dotenv import dotenv_values
from operators import Operator, bring_up

from cloud import env_file
from cloud.stack import TEMPLATE, Change, deploy
from local.aws import ACCOUNT, STACK, Aws
from settings import Settings

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.usefixtures("localhost")

SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}


def test_from_nothing(operator: Operator) -> None:
    """One command: the stack, the page, `.env` with all that the bot asks of AWS, and what is next."""
    status, said = operator.run("deploy", "--patience", "0")
    assert status == 0, said
    for words in ("+ UploadBucket", "AWS::S3::Bucket", "✓ Distribution", "published the page"):
        assert words in said
    told = {name: value for name, value in dotenv_values(operator.env).items() if value}
    assert Settings.from_env(told | SLACK).upload_bucket.startswith(f"{operator.name}-uploads-")
    assert stat.S_IMODE(operator.env.stat().st_mode) == 0o600
    [link] = [word for word in said.split() if word.startswith("https://api.slack.com/apps?")]
    manifest = json.loads(parse_qs(urlsplit(link).query)["manifest_json"][0])
    assert manifest == json.loads((ROOT / "manifest.json").read_text())
    assert operator.stack.outputs()["BotPolicyArn"] in said


def test_again_it_changes_nothing(operator: Operator) -> None:
    """And proves what CloudFront serves, by fetching it."""
    outputs = bring_up(operator)
    assert operator.run("deploy")[0] == 0
    before, env = operator.stack._last_event(operator.name), operator.env.read_bytes()
    listed = operator.aws.client("cloudfront").list_invalidations
    invalidations = listed(DistributionId=outputs["DistributionId"])["InvalidationList"]["Quantity"]
    status, said = operator.run("deploy")
    assert status == 0, said
    assert "The stack is as the template wants it." in said
    assert f"✓ {outputs['PageUrl']} serves it" in said
    assert operator.stack._last_event(operator.name) == before
    assert operator.env.read_bytes() == env
    after = listed(DistributionId=outputs["DistributionId"])["InvalidationList"]["Quantity"]
    assert after == invalidations
    assert operator.stack.outputs() == outputs


def test_it_waits_until_the_new_page_is_served(operator: Operator) -> None:
    """Saying what is in the way; and where that stays, it says how to go on."""
    outputs = bring_up(operator)
    operator.aws.faults.add(method="GET", path="^/$", times=2, status=503, code="SlowDown")
    status, said = operator.run("deploy")
    assert status == 0, said
    assert "waiting: status 503" in said
    operator.aws.client("s3").put_object(
        Bucket=outputs["PageBucket"], Key="page/index.html", Body=b"old", Metadata={"sha256": "?"}
    )
    operator.aws.faults.add(method="GET", path="^/$", times=9, status=403, code="AccessDenied")
    status, said = operator.run("deploy", "--patience", "0.1")
    assert status == 1
    assert "not served yet: status 403" in said
    assert "Run the same again" in said


def test_a_dry_run_says_all_and_does_nothing(operator: Operator) -> None:
    """Of a stack that is not there, and of one that is."""
    status, said = operator.run("deploy", "--dry-run")
    assert status == 0, said
    assert "+ UploadBucket" in said
    assert "Nothing was changed" in said
    assert operator.stack._find() is None
    assert not operator.env.exists()
    bring_up(operator)
    status, said = operator.run("deploy", "--dry-run", "--retention-days", "30")
    assert status == 0, said
    assert "Nothing was changed" in said
    assert operator.stack.parameters()["RetentionDays"] == "0"
    status, said = operator.run("destroy", "--dry-run")
    assert status == 0, said
    assert "Nothing was deleted." in said
    assert operator.stack.outputs()


def test_options_reach_the_template_and_stay(operator: Operator) -> None:
    """What is given once need not be given again, and may be taken back."""
    certificate = "arn:aws:acm:us-east-1:000000000000:certificate/1"
    given = ("--retention-days", "30", "--alarm-email", "ops@example.com")
    domain = ("--domain", "files.example.com", "--certificate", certificate)
    status, said = operator.run("deploy", "--patience", "0", *given, *domain)
    assert status == 0, said
    outputs = operator.stack.outputs()
    assert outputs["PageUrl"] == "https://files.example.com"
    assert f"let files.example.com be a CNAME of {outputs['DistributionDomain']}" in said
    distribution = operator.aws.client("cloudfront").get_distribution_config(
        Id=outputs["DistributionId"]
    )["DistributionConfig"]
    assert distribution["Aliases"]["Items"] == ["files.example.com"]
    assert distribution["ViewerCertificate"]["ACMCertificateArn"] == certificate
    assert operator.run("deploy", "--patience", "0")[0] == 0
    assert operator.stack.parameters()["RetentionDays"] == "30"
    assert operator.run("deploy", "--patience", "0", "--retention-days", "0", "--yes")[0] == 0
    assert operator.stack.parameters()["RetentionDays"] == "0"
    assert operator.stack.parameters()["AlarmEmail"] == "ops@example.com"
    assert operator.stack.outputs()["PageUrl"] == "https://files.example.com"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("deploy", "--stack-name", "Upload_Link"), "must begin with a lower-case letter"),
        (("deploy", "--domain", "files.example.com"), "certificate"),
        (("deploy", "--retention-days", "many"), "RetentionDays"),
        (("deploy", "--retention-days=-1"), "RetentionDays"),
        (("destroy",), "There is no stack"),
        (("explode",), "invalid choice"),
    ],
)
def test_bad_input_gets_a_sentence(
    operator: Operator, arguments: tuple[str, ...], sentence: str
) -> None:
    """And changes nothing."""
    status, said = operator.run(*arguments)
    assert status in {1, 2}
    assert sentence in said
    assert "Traceback" not in said
    assert operator.buckets() == set()


def test_without_credentials_or_region_it_says_what_to_do(tmp_path: Path) -> None:
    """As typed by somebody who has nothing yet, and then somewhat more."""
    env = {"HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
    key = {"AWS_ACCESS_KEY_ID": "AKIA0000000000000000", "AWS_SECRET_ACCESS_KEY": "none"}
    for more, sentence in (({}, "no AWS credentials"), (key, "Which region?")):
        done = subprocess.run(
            [sys.executable, "bot.py", "deploy", "--env", str(tmp_path / ".env")],
            env=env | more,
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr


def test_a_failure_names_the_resource_and_the_reason(operator: Operator) -> None:
    """And leaves nothing that a second try stumbles over."""
    cloudformation = operator.aws.client("cloudformation")
    bucket = f"{operator.name}-page-{ACCOUNT}-{operator.aws.region}"
    body = json.dumps(
        {"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": bucket}}}}
    )
    cloudformation.create_stack(StackName=f"{operator.name}-other", TemplateBody=body)
    cloudformation.get_waiter("stack_create_complete").wait(StackName=f"{operator.name}-other")
    for _ in range(2):
        status, said = operator.run("deploy", "--patience", "0")
        assert status == 1
        assert f"{bucket} already exists in stack" in said, said
        assert operator.stack.outputs() == {}
    cloudformation.delete_stack(StackName=f"{operator.name}-other")
    status, said = operator.run("deploy", "--patience", "0")
    assert status == 0, said


def test_a_failure_on_the_way_names_the_resource(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was made before is taken back; once the cause is gone, all goes on."""
    good = TEMPLATE.read_text()
    wrong = "\n  Wrong: { Type: AWS::Lambda::Url, Properties: { AuthType: NONE, TargetFunctionArn: nobody } }"
    bad = operator.folder / "template.yaml"
    bad.write_text(good.replace("\nOutputs:", f"{wrong}\n\nOutputs:"))
    with monkeypatch.context() as patch:
        patch.setattr("cloud.stack.TEMPLATE", bad)
        for _ in range(2):
            status, said = operator.run("deploy", "--patience", "0")
            assert status == 1
            assert "✗ Wrong: " in said
            assert re.search(r"ended as \w+:\n  Wrong: .*not found: nobody", said)
    status, said = operator.run("deploy", "--patience", "0")
    assert status == 0, said
    with monkeypatch.context() as patch:
        patch.setattr("cloud.stack.TEMPLATE", bad)
        assert "Wrong: " in operator.run("deploy", "--patience", "0", "--yes")[1]
    assert operator.run("deploy", "--patience", "0", "--yes")[0] == 0


def test_nothing_is_destroyed_unasked() -> None:
    """What counts as such, in CloudFormation's words."""
    for change, destroys in (
        (Change("Add", "A", "T"), False),
        (Change("Import", "A", "T"), False),
        (Change("Modify", "A", "T", "False"), False),
        (Change("Modify", "A", "T", "True"), True),
        (Change("Modify", "A", "T", "Conditional"), True),
        (Change("Remove", "A", "T"), True),
        (Change("Dynamic", "A", "T"), True),
    ):
        assert change.destroys == destroys, change


def test_what_is_deleted_is_asked_for_first(operator: Operator) -> None:
    """With nobody there to answer the answer is no; --yes is a yes."""
    with_alarm = ("deploy", "--patience", "0", "--alarm-email", "ops@example.com")
    assert operator.run(*with_alarm)[0] == 0
    without = ("deploy", "--patience", "0", "--alarm-email", "")
    status, said = operator.run(*without)
    assert status == 1
    assert "Replace or delete" in said
    assert "nobody is there to answer" in said
    assert "Nothing was changed" in said
    assert operator.run(*without, "--yes")[0] == 0


def test_files_survive_the_stack(operator: Operator) -> None:
    """Destroyed and deployed again, all that was received is there, and known."""
    outputs = bring_up(operator)
    assert operator.run("deploy")[0] == 0
    s3, dynamodb = operator.aws.client("s3"), operator.aws.client("dynamodb")
    row = {"pk": {"S": "link#1"}, "sk": {"S": "link"}}
    file = {"Bucket": outputs["UploadBucket"], "Key": "uploads/2026/01/01/1/1"}
    s3.put_object(**file, Body=b"kept", IfNoneMatch="*")
    dynamodb.put_item(TableName=outputs["LinkTable"], Item=row)
    assert operator.run("destroy")[0] == 1  # nobody said yes
    status, said = operator.run("destroy", "--yes")
    assert status == 0, said
    assert operator.buckets() == {"uploads"}
    assert operator.run("destroy", "--yes")[0] == 1  # there is nothing left to do
    assert "UPLOAD_BUCKET" not in {k for k, v in dotenv_values(operator.env).items() if v}

    status, said = operator.run("deploy", "--patience", "0")
    assert status == 0, said
    assert "↺ UploadBucket" in said
    assert s3.get_object(**file)["Body"].read() == b"kept"
    assert dynamodb.get_item(TableName=outputs["LinkTable"], Key=row)["Item"] == row


def test_files_go_only_when_told_twice(operator: Operator) -> None:
    """The option is not enough: the bucket has to be named."""
    outputs = bring_up(operator)
    bucket = outputs["UploadBucket"]
    operator.aws.client("s3").put_object(Bucket=bucket, Key="uploads/1", Body=b"", IfNoneMatch="*")
    status, said = operator.run("destroy", "--yes", "--delete-files")
    assert status == 1
    assert "Nothing was deleted." in said
    assert operator.buckets() == {"uploads", "page"}
    status, said = operator.run("destroy", "--yes", "--delete-files", "--confirm-bucket", bucket)
    assert status == 0, said
    assert operator.buckets() == set()
    assert operator.run("destroy", "--yes", "--delete-files", "--confirm-bucket", bucket)[0] == 1
    tables = operator.aws.client("dynamodb").list_tables()["TableNames"]
    assert outputs["LinkTable"] not in tables


def test_an_interrupted_end_is_brought_to_its_end(operator: Operator) -> None:
    """The stack is gone already: the buckets are found all the same."""
    bucket = bring_up(operator)["UploadBucket"]
    for _ in operator.stack.delete():
        pass
    assert operator.buckets() == {"uploads", "page"}
    status, said = operator.run("destroy", "--yes")
    assert status == 0, said
    assert operator.buckets() == {"uploads"}
    status, said = operator.run("destroy", "--yes", "--delete-files", "--confirm-bucket", bucket)
    assert status == 0, said
    assert operator.buckets() == set()


def test_deploying_the_local_stack_again_changes_nothing(aws: Aws) -> None:
    """What the other tests run on is what `deploy` makes."""
    here = {"PageOrigin": aws.page_url, "UploadOrigin": aws.outputs["UploadOrigin"]}
    again = deploy(aws.client("cloudformation"), ACCOUNT, STACK, here, every=0.1)
    assert again == aws.outputs


def test_env_belongs_to_whoever_wrote_it(tmp_path: Path) -> None:
    """Comments, order and values of a person stay; ours are in a block that can be written again."""
    path = tmp_path / ".env"
    path.write_text("# mine\nSLACK_BOT_TOKEN='x $y'\nPAGE_URL=https://my.own\nUPLOAD_BUCKET=\n")
    theirs = path.read_text()
    written = env_file.write(path, {"UPLOAD_BUCKET": "one", "PAGE_URL": "https://ours"})
    assert written.changed
    assert written.kept == {"PAGE_URL": "https://my.own"}
    assert path.read_text().startswith(theirs)
    read = dotenv_values(path)
    assert (read["UPLOAD_BUCKET"], read["PAGE_URL"]) == ("one", "https://my.own")
    with path.open("a") as file:
        file.write("LINK_STYLE=short\n")
    assert not env_file.write(path, {"UPLOAD_BUCKET": "one", "PAGE_URL": "https://my.own"}).kept
    env_file.write(path, {"UPLOAD_BUCKET": "two"})
    read = dotenv_values(path)
    assert (read["UPLOAD_BUCKET"], read["LINK_STYLE"]) == ("two", "short")
    env_file.remove(path)
    assert path.read_text() == theirs + "LINK_STYLE=short\n"
    env_file.write(path, {"UPLOAD_BUCKET": "three"})
    path.write_text(path.read_text().replace("# --- end ---", "") + "PORT=4000\n")
    env_file.write(path, {"UPLOAD_BUCKET": "four"})
    assert dotenv_values(path)["PORT"] == "4000"  # whoever breaks the block loses nothing
