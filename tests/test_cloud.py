"""The template deployed, and the page published: who may do what, and what browsers are told."""

from dataclasses import replace
from typing import Any

import brotli
import pytest
from botocore.exceptions import ClientError

from cloud import publish as publishing
from cloud.page import Asset
from local.aws import STACK, Aws
from local.loopback import request
from settings import Settings

ELSEWHERE = "http://elsewhere.localhost"


def denied(call: Any, **arguments: Any) -> bool:
    """Whether this is refused for want of a right; other refusals are not meant and are raised."""
    try:
        call(**arguments)
    except ClientError as error:
        if "Denied" not in error.response["Error"]["Code"]:
            raise
        return True
    return False


def test_outputs_are_the_settings(aws: Aws) -> None:
    """The stack's outputs, under the names their descriptions give, are all the bot needs of it."""
    described = aws.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    env = {
        output["Description"]: output["OutputValue"]
        for output in described["Outputs"]
        if output["Description"].isupper()
    }
    assert env.items() <= aws.bot_env.items()
    slack = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "AWS_REGION": aws.region}
    assert Settings.from_env(env | slack).upload_bucket == aws.outputs["UploadBucket"]


def test_the_page_is_served(aws: Aws) -> None:
    """CloudFront serves index.html at /, whatever the query, with headers that lock it down."""
    page = request("GET", f"{aws.page_url}/?s3_url=abc")
    assert page.status == 200
    assert brotli.decompress(page.body).startswith(b"<!doctype html>")
    expected = {
        "content-type": "text/html; charset=utf-8",
        "content-encoding": "br",
        "cache-control": "no-cache",
        "content-security-policy": (
            f"default-src 'none'; connect-src 'self' {aws.outputs['UploadOrigin']}; "
            "script-src 'self' 'unsafe-inline'; style-src 'unsafe-inline'; img-src 'self' data:; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "strict-transport-security": "max-age=63072000",
        "cross-origin-opener-policy": "same-origin",
    }
    assert {name: page.headers.get(name) for name in expected} == expected
    assert "microphone=()" in page.headers["permissions-policy"]


def test_the_page_is_reached_only_through_cloudfront(aws: Aws) -> None:
    """The contents bucket itself answers 403, to strangers and to the bot."""
    bucket = aws.outputs["PageBucket"]
    assert request("GET", f"{aws.endpoint}/{bucket}/page/index.html").status == 403
    assert denied(aws.client("s3", as_twin=True).get_object, Bucket=bucket, Key="page/index.html")


def test_nothing_but_the_origin_path_is_served(aws: Aws) -> None:
    """What lies in the contents bucket outside page/ stays there."""
    s3, bucket = aws.client("s3"), aws.outputs["PageBucket"]
    s3.put_object(Bucket=bucket, Key="secret.txt", Body=b"secret")
    for path in ("secret.txt", "page/index.html", "nothing"):
        assert request("GET", f"{aws.page_url}/{path}").status == 403


@pytest.mark.parametrize(
    ("origin", "method", "headers", "allowed"),
    [
        ("page", "PUT", "content-disposition,content-type,if-none-match", True),
        ("page", "HEAD", "", True),
        ("page", "GET", "", True),
        ("page", "POST", "content-type,if-none-match", True),
        ("page", "DELETE", "", True),
        (ELSEWHERE, "GET", "", False),
        ("page", "PUT", "x-amz-acl", False),
        (ELSEWHERE, "PUT", "content-type", False),
        ("null", "PUT", "", False),
        ("suffixed", "PUT", "", False),
    ],
)
def test_who_may_upload_from_a_browser(
    aws: Aws, origin: str, method: str, headers: str, allowed: bool
) -> None:
    """CORS lets the page's origin in, with what the page asks and its headers, and nobody else."""
    origin = {"page": aws.page_url, "suffixed": aws.page_url + ".evil.localhost"}.get(
        origin, origin
    )
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers:
        asked["Access-Control-Request-Headers"] = headers
    answer = request("OPTIONS", f"{aws.outputs['UploadOrigin']}/uploads/x", headers=asked)
    assert answer.status == (200 if allowed else 403)
    assert answer.headers.get("access-control-allow-origin") == (origin if allowed else None)


def test_what_the_bot_may_do_with_files(aws: Aws) -> None:
    """Its key creates and reads under uploads/, never overwrites, and can do nothing else."""
    s3, bucket = aws.client("s3", as_twin=True), aws.outputs["UploadBucket"]
    key = "uploads/2026/01/01/rights/1"
    assert denied(s3.put_object, Bucket=bucket, Key=key)
    s3.put_object(Bucket=bucket, Key=key, Body=b"x", IfNoneMatch="*")
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"x"
    for call, arguments in (
        (s3.put_object, {"Key": key, "Body": b"y"}),
        (s3.put_object, {"Key": "elsewhere", "IfNoneMatch": "*"}),
        (s3.get_object, {"Key": "elsewhere"}),
        (s3.delete_object, {"Key": key}),
        (s3.list_objects_v2, {}),
        (s3.put_bucket_cors, {"CORSConfiguration": {"CORSRules": []}}),
        (s3.put_object_tagging, {"Key": key, "Tagging": {"TagSet": []}}),
    ):
        assert denied(call, Bucket=bucket, **arguments), (call, arguments)


def test_what_the_bot_may_do_with_the_page(aws: Aws) -> None:
    """It writes plans, over and over, and nothing else; it reads and deletes none."""
    s3, page = aws.client("s3", as_twin=True), aws.outputs["PageBucket"]
    plan = "page/p/rights.json"
    for body in (b"{}", b"[]"):
        s3.put_object(Bucket=page, Key=plan, Body=body)
    for call, key in (
        (s3.put_object, "page/index.html"),
        (s3.put_object, "elsewhere"),
        (s3.get_object, plan),
        (s3.delete_object, plan),
    ):
        assert denied(call, Bucket=page, Key=key), (call, key)


def test_plans_are_served_as_they_are_now(aws: Aws) -> None:
    """The next visitor gets the newest, from no cache; and where there is none, just 403."""
    s3, page = aws.client("s3", as_twin=True), aws.outputs["PageBucket"]
    for body in (b"1", b"2"):
        where = {"Bucket": page, "Key": "page/p/now.json", "CacheControl": "no-store"}
        s3.put_object(Body=body, ContentType="application/json", **where)
        served = request("GET", f"{aws.page_url}/p/now.json")
        assert (served.status, served.body) == (200, body)
        assert served.headers["cache-control"] == "no-store"
        assert served.headers["content-type"] == "application/json"
    assert request("GET", f"{aws.page_url}/p/none.json").status in {403, 404}


def test_what_the_bot_may_do_elsewhere(aws: Aws) -> None:
    """It takes from its queue and keeps its table; it may not write events or read everything."""
    queue, table = aws.outputs["EventQueueUrl"], aws.outputs["LinkTable"]
    sqs, dynamodb = aws.client("sqs", as_twin=True), aws.client("dynamodb", as_twin=True)
    row = {"pk": {"S": "rights"}, "sk": {"S": "1"}}
    sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0)
    with pytest.raises(ClientError, match="ReceiptHandleIsInvalid"):
        sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle="x", VisibilityTimeout=1)
    kept = [{"Id": "1", "ReceiptHandle": "x", "VisibilityTimeout": 1}]
    assert sqs.change_message_visibility_batch(QueueUrl=queue, Entries=kept)["Failed"]
    for index, name in (("shelf", "shelf"), ("clock", "clock")):
        dynamodb.query(
            TableName=table,
            IndexName=index,
            KeyConditionExpression="#name = :none",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":none": {"S": "nobody"}},
        )
    dynamodb.put_item(TableName=table, Item=row)
    assert dynamodb.get_item(TableName=table, Key=row)["Item"] == row
    iam = aws.client("iam", as_twin=True)
    for call, arguments in (
        (sqs.send_message, {"QueueUrl": queue, "MessageBody": "forged"}),
        (sqs.purge_queue, {"QueueUrl": queue}),
        (sqs.receive_message, {"QueueUrl": aws.outputs["DeadLetterQueueUrl"]}),
        (dynamodb.scan, {"TableName": table}),
        (dynamodb.delete_item, {"TableName": table, "Key": row}),
        (iam.create_access_key, {"UserName": "bot"}),
    ):
        assert denied(call, **arguments), (call, arguments)


@pytest.mark.parametrize(("version", "status"), [("s3v4", 200), ("s3", 403)])
def test_only_signature_version_4(aws: Aws, version: str, status: int) -> None:
    """A URL signed the old way, which leaves the condition out, opens nothing."""
    s3 = aws.client("s3", as_bot=True, signature_version=version)
    target = {"Bucket": aws.outputs["UploadBucket"], "Key": "uploads/" + version}
    url = s3.generate_presigned_url("put_object", Params=target | {"IfNoneMatch": "*"})
    assert ("AWSAccessKeyId" in url) == (version == "s3")
    answer = request("PUT", url, headers={"If-None-Match": "*"}, body=b"x")
    assert answer.status == status, answer.body


def test_only_tls(aws: Aws) -> None:
    """Without TLS a visitor is sent to HTTPS, and a link uploads nothing."""
    bare = {"X-Forwarded-Proto": "http"}  # what the local AWS takes for a request without TLS
    visit = request("GET", aws.page_url + "/?s3_url=abc", headers=bare)
    secure = aws.page_url.replace("http:", "https:") + "/?s3_url=abc"
    assert (visit.status, visit.headers["location"]) == (301, secure)

    s3 = aws.client("s3", as_bot=True, signature_version="s3v4")
    target = {"Bucket": aws.outputs["UploadBucket"], "Key": "uploads/tls", "IfNoneMatch": "*"}
    url = s3.generate_presigned_url("put_object", Params=target)
    answers = [
        request("PUT", url, headers={"If-None-Match": "*"} | how, body=b"x").status
        for how in (bare, {})
    ]
    assert answers == [403, 200]


ICON = Asset("icon.1.svg", b"icon", "image/svg+xml", "public, max-age=31536000, immutable")
INDEX = Asset("index.html", brotli.compress(b"one"), "text/html; charset=utf-8", "no-cache")


def publish(aws: Aws, *assets: Asset) -> tuple[bool, int]:
    """Publish beside the real page; whether it changed, and how many invalidations there are now."""
    cloudfront, distribution = aws.client("cloudfront"), aws.outputs["DistributionId"]
    changed = publishing.publish(
        aws.client("s3"),
        cloudfront,
        bucket=aws.outputs["PageBucket"],
        distribution_id=distribution,
        assets=assets,
        origin_path="page/trial/",
    )
    listed = cloudfront.list_invalidations(DistributionId=distribution)["InvalidationList"]
    return changed, listed["Quantity"]


def test_publishing(aws: Aws) -> None:
    """A changed page is served at once and the old one no more; the same page is left alone."""
    changed, first = publish(aws, INDEX, ICON)
    assert changed
    assert publish(aws, INDEX, ICON) == (False, first)
    newer = replace(INDEX, body=brotli.compress(b"two"))
    assert publish(aws, newer, replace(ICON, key="icon.2.svg")) == (True, first + 1)
    assert publish(aws, INDEX) == (True, first + 2)

    served = request("GET", f"{aws.page_url}/trial/index.html")
    assert (brotli.decompress(served.body), served.headers["cache-control"]) == (b"one", "no-cache")
    for key in ("icon.1.svg", "icon.2.svg"):  # a page of a moment ago still finds its own
        kept = request("GET", f"{aws.page_url}/trial/{key}")
        assert (kept.status, kept.headers["cache-control"]) == (200, ICON.cache_control)
