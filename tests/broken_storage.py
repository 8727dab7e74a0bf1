"""The bucket, S3 itself and the page, each broken in one way."""

import json
from collections.abc import Callable
from typing import Any

import brotli
from installation import PROBE, World, breaks

from local.aws import UNFINISHED_UPLOADS

# The bucket's settings.


@breaks({"bucket.versioning": "Suspended.*VersioningConfiguration"})
def versioning_is_suspended(world: World) -> None:
    put = world.client("s3").put_bucket_versioning
    put(Bucket=world.bucket, VersioningConfiguration={"Status": "Suspended"})
    world.undo.callback(put, Bucket=world.bucket, VersioningConfiguration={"Status": "Enabled"})


@breaks(
    {
        "bucket.public-access": "not set: BlockPublicPolicy.*PublicAccessBlockConfiguration",
        "bucket.public-acls": "not set: BlockPublicAcls.*PublicAccessBlockConfiguration",
    }
)
def public_access_is_not_blocked(world: World) -> None:
    unblock(world, world.bucket)


def unblock(world: World, bucket: str) -> None:
    s3 = world.client("s3")
    blocks = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    s3.delete_public_access_block(Bucket=bucket)
    world.undo.callback(
        s3.put_public_access_block, Bucket=bucket, PublicAccessBlockConfiguration=blocks
    )


@breaks({"bucket.ownership": "ObjectWriter: ACLs count"})
def objects_are_their_writers(world: World) -> None:
    def own(how: str) -> None:
        rules = {"Rules": [{"ObjectOwnership": how}]}
        world.client("s3").put_bucket_ownership_controls(
            Bucket=world.bucket, OwnershipControls=rules
        )

    own("ObjectWriter")
    world.undo.callback(own, "BucketOwnerEnforced")


@breaks({"bucket.tls": "work unencrypted.*UploadBucketPolicy"})
def the_policy_lets_in_without_tls(world: World) -> None:
    without(world, "OnlyTls")


@breaks({"bucket.sigv4": "carry no conditions.*UploadBucketPolicy"})
def the_policy_lets_old_signatures_in(world: World) -> None:
    without(world, "OnlySignatureVersion4")


@breaks(
    {
        "bucket.write-once": "overwrite.*UploadBucketPolicy",
        "upload.overwrite": "let it overwrite.*UploadBucketPolicy",
    }
)
def the_policy_lets_files_be_overwritten(world: World) -> None:
    without(world, "OnlyWriteOnce")


@breaks(
    dict.fromkeys(
        ("bucket.tls", "bucket.sigv4", "bucket.write-once", "upload.overwrite"),
        "UploadBucketPolicy",
    )
)
def the_policy_is_gone(world: World) -> None:
    without(world, "OnlyTls", "OnlySignatureVersion4", "OnlyWriteOnce")


def without(world: World, *rules: str) -> None:
    """The upload bucket's policy without these statements."""
    s3 = world.client("s3")
    whole = s3.get_bucket_policy(Bucket=world.bucket)["Policy"]
    policy = json.loads(whole)
    policy["Statement"] = [s for s in policy["Statement"] if s["Sid"] not in rules]
    if policy["Statement"]:
        s3.put_bucket_policy(Bucket=world.bucket, Policy=json.dumps(policy))
    else:
        s3.delete_bucket_policy(Bucket=world.bucket)
    world.undo.callback(s3.put_bucket_policy, Bucket=world.bucket, Policy=whole)


LOST = {
    "bucket.notification": "NotificationConfiguration",
    "upload.event": "the event did not come.*bucket.notification",
}


@breaks(LOST | {"bucket.notification": "s3:ObjectCreated:\\* is sent nowhere"})
def events_are_sent_nowhere(world: World) -> None:
    notify(world, [])


@breaks(LOST | {"bucket.notification": "goes to another queue than EVENT_QUEUE_URL"})
def events_go_to_another_queue(world: World) -> None:
    sqs = world.client("sqs")
    said = sqs.get_queue_attributes(QueueUrl=world.queue, AttributeNames=["QueueArn", "Policy"])
    ours, arn = said["Attributes"]["QueueArn"], "arn:aws:sqs:eu-central-1:000000000000:another"
    policy = {"Policy": said["Attributes"]["Policy"].replace(ours, arn)}
    url = sqs.create_queue(QueueName="another", Attributes=policy)["QueueUrl"]
    world.undo.callback(sqs.delete_queue, QueueUrl=url)
    notify(world, [rule | {"QueueArn": arn} for rule in rules(world)])


@breaks(LOST | {"bucket.notification": "is filtered, so that not all files that land are told of"})
def events_of_other_keys_are_sent(world: World) -> None:
    elsewhere = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "elsewhere/"}]}}
    notify(world, [rule | {"Filter": elsewhere} for rule in rules(world)])


@breaks({"bucket.notification": "^s3:ObjectRemoved:\\* is sent nowhere"})
def removals_are_not_told(world: World) -> None:
    notify(world, [rule for rule in rules(world) if "s3:ObjectRemoved:*" not in rule["Events"]])


def rules(world: World) -> list[dict[str, Any]]:
    told = world.client("s3").get_bucket_notification_configuration(Bucket=world.bucket)
    found: list[dict[str, Any]] = told["QueueConfigurations"]
    return found


def notify(world: World, queues: list[dict[str, Any]]) -> None:
    put, before = world.client("s3").put_bucket_notification_configuration, rules(world)

    def tell(queues: list[dict[str, Any]]) -> None:
        put(Bucket=world.bucket, NotificationConfiguration={"QueueConfigurations": queues})

    world.undo.callback(tell, before)
    tell(queues)
    world.arguments = ("--patience", "0.5")


@breaks({"bucket.lifecycle": "unfinished uploads stay.*LifecycleConfiguration"})
def unfinished_uploads_are_kept(world: World) -> None:
    world.client("s3").delete_bucket_lifecycle(Bucket=world.bucket)
    world.undo.callback(expire, world)


@breaks({"bucket.lifecycle": "rule tidy deletes received files, RETENTION_DAYS says never"})
def files_are_deleted_after_a_day(world: World) -> None:
    tidy = {"ID": "tidy", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}
    expire(world, tidy)
    world.undo.callback(expire, world)


@breaks({"bucket.lifecycle": "nothing deletes received files, RETENTION_DAYS says after 30 days"})
def messages_promise_what_the_bucket_does_not_keep(world: World) -> None:
    world.patch.setenv("RETENTION_DAYS", "30")


def expire(world: World, *rules: dict[str, Any]) -> None:
    world.client("s3").put_bucket_lifecycle_configuration(
        Bucket=world.bucket, LifecycleConfiguration={"Rules": [UNFINISHED_UPLOADS, *rules]}
    )


NOT_FROM_THE_PAGE = {"bucket.cors": "CorsConfiguration", "upload.preflight": "bucket.cors"}


@breaks(NOT_FROM_THE_PAGE | {"bucket.cors": "no rule for http.*CorsConfiguration"})
def there_is_no_cors(world: World) -> None:
    cors(world, None)


@breaks(NOT_FROM_THE_PAGE | {"bucket.cors": "no rule for http"})
def cors_is_for_another_page(world: World) -> None:
    cors(world, {"AllowedOrigins": ["https://old.example"]})


@breaks(NOT_FROM_THE_PAGE | {"bucket.cors": "lacks if-none-match"})
def cors_lacks_a_header(world: World) -> None:
    cors(world, {"AllowedHeaders": ["content-type", "content-disposition"]})


@breaks({"bucket.cors": "lacks exposed etag"})
def cors_exposes_nothing(world: World) -> None:
    cors(world, {"ExposeHeaders": ["content-disposition"]})


@breaks({"bucket.cors": "any page", "upload.foreign": "any page may use a link"})
def cors_is_for_everybody(world: World) -> None:
    cors(world, {"AllowedOrigins": [world.aws.page_url, "*"]})


def cors(world: World, change: dict[str, Any] | None) -> None:
    s3 = world.client("s3")
    [rule] = s3.get_bucket_cors(Bucket=world.bucket)["CORSRules"]

    def put(*rules: dict[str, Any]) -> None:
        s3.put_bucket_cors(Bucket=world.bucket, CORSConfiguration={"CORSRules": list(rules)})

    world.undo.callback(put, rule)
    if change is None:
        s3.delete_bucket_cors(Bucket=world.bucket)
    else:
        put(rule | change)


@breaks(
    {
        "bucket.there": "no such bucket.*UPLOAD_BUCKET",
        "upload.put": "no such bucket.*UPLOAD_BUCKET",
        "queue.policy": "may not send the events of nobodys",
        "page.csp": "may not send files to http://nobodys",
        "page.version": "it refuses to send files to http://nobodys",
    }
)
def the_bucket_is_another(world: World) -> None:
    allow(world, "s3:*")
    world.set(UPLOAD_BUCKET="nobodys")


# What S3 does.


@breaks({"upload.put": "SlowDown"})
def s3_takes_nothing(world: World) -> None:
    world.aws.faults.add(method="PUT", path=PROBE)


@breaks({"upload.put": "no answer"})
def s3_is_silent(world: World) -> None:
    world.aws.faults.hang_up(method="PUT", path=PROBE)


@breaks({"upload.again": "200: a link may overwrite.*UploadBucketPolicy"})
def a_second_put_succeeds(world: World) -> None:
    world.aws.faults.amend(method="PUT", path=PROBE, skip=1, status=200)


@breaks({"upload.unsigned-header": "200: whoever has a link may change"})
def an_unsigned_header_is_taken(world: World) -> None:
    world.aws.faults.amend(method="PUT", path=PROBE, skip=2, status=200)


@breaks({"upload.head": "403: the bot may not read.*BotPolicyArn"})
def the_bot_may_not_read(world: World) -> None:
    world.aws.faults.amend(method="HEAD", path=PROBE, status=403)


@breaks({"upload.stranger": "200: files are not private"})
def anybody_may_read(world: World) -> None:
    world.aws.faults.amend(method="GET", path=PROBE, status=200)


@breaks({"upload.parts": "this identity may not.*BotPolicyArn"})
def the_bots_policy_is_of_an_earlier_release(world: World) -> None:
    actions = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    rights = {"Effect": "Deny", "Action": actions, "Resource": "*"}
    iam, how = world.client("iam"), {"UserName": "doctor", "PolicyName": "less"}
    iam.put_user_policy(**how, PolicyDocument=json.dumps({"Statement": [rights]}))
    world.undo.callback(iam.delete_user_policy, **how)


@breaks({"bucket.cors": "lacks GET, POST, DELETE"})
def cors_is_of_an_earlier_release(world: World) -> None:
    cors(world, {"AllowedMethods": ["PUT", "HEAD"]})


@breaks({"upload.parts": "SlowDown"})
def s3_takes_no_parts(world: World) -> None:
    world.aws.faults.add(method="PUT", path=PROBE, skip=3)  # after three PUTs of the file


def read_by_all(bucket: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }


# The page.


@breaks({"page.served": "status 403.*deploy"})
def the_page_was_never_published(world: World) -> None:
    page = republished(world)
    world.client("s3").delete_object(Bucket=page["Bucket"], Key=page["Key"])


@breaks({"page.served": "status 503"})
def cloudfront_is_ill(world: World) -> None:
    world.aws.faults.add(method="GET", path="^/$")


@breaks({"page.version": "another one, and may be older.*deploy"})
def the_page_is_an_older_one(world: World) -> None:
    republished(world, lambda page: page.replace("<title>", "<title>Old: "))


@breaks({"page.version": "another one", "page.assets": "not there: main.1.js.*deploy"})
def the_page_has_lost_its_script(world: World) -> None:
    republished(world, lambda page: page + '<script type=module src="main.1.js"></script>')


@breaks({"page.version": "it refuses to send files to http://upload-link-uploads.*deploy"})
def the_page_is_another_buckets(world: World) -> None:
    republished(world, lambda page: page.replace(world.bucket, "another"))


def republished(world: World, change: Callable[[str], str] = lambda page: page) -> dict[str, str]:
    s3 = world.client("s3")
    where = {"Bucket": world.aws.outputs["PageBucket"], "Key": "page/index.html"}
    got = s3.get_object(**where)
    how = {"ContentType": got["ContentType"], "ContentEncoding": "br", "CacheControl": "no-cache"}
    body, kept = got["Body"].read(), {**where, **how, "Metadata": got["Metadata"]}
    s3.put_object(
        **where,
        **how,
        Body=brotli.compress(change(brotli.decompress(body).decode()).encode(), quality=1),
    )
    world.undo.callback(s3.put_object, **kept, Body=body)
    return where


@breaks({"page.headers": "strict-transport-security: missing.*PageHeaders"})
def a_security_header_is_missing(world: World) -> None:
    headed(world, {"strict-transport-security": ""})


@breaks({"page.headers": "x-frame-options: SAMEORIGIN, referrer-policy: origin"})
def two_security_headers_are_weak(world: World) -> None:
    headed(world, {"x-frame-options": "SAMEORIGIN", "referrer-policy": "origin"})


@breaks({"page.csp": "the page may not send files to http://upload-link-uploads"})
def the_csp_knows_another_bucket(world: World) -> None:
    headed(world, csp(world, world.aws.outputs["UploadOrigin"], "https://old.example"))


@breaks({"page.csp": "a forged link may send files to https:"})
def the_csp_lets_files_go_anywhere(world: World) -> None:
    headed(world, csp(world, "connect-src 'self'", "connect-src 'self' https:"))


@breaks({"page.csp": "frame-ancestors is not 'none'"})
def the_page_may_be_framed(world: World) -> None:
    headed(world, csp(world, "frame-ancestors 'none'", ""))


def headed(world: World, headers: dict[str, str]) -> None:
    world.aws.faults.amend(method="GET", path="^/$", headers=headers)


def csp(world: World, old: str, new: str) -> dict[str, str]:
    name = "content-security-policy"
    said = world.aws.request("GET", world.aws.page_url).headers[name]
    assert old in said
    return {name: said.replace(old, new)}


@breaks({"page.plan": "status 403 right after it was published.*CachingDisabled"})
def a_missing_plan_is_cached(world: World) -> None:
    world.aws.faults.add(method="GET", path="^/p/doctor-", skip=1, status=403)


@breaks({"page.plan": "browsers may keep it"})
def plans_are_cached_by_browsers(world: World) -> None:
    world.aws.faults.amend(
        method="GET", path="^/p/", skip=1, headers={"cache-control": "max-age=60"}
    )


@breaks({"page.plan": "status 403 right after.*PAGE_BUCKET is the one behind PAGE_URL"})
def the_page_bucket_is_another(world: World) -> None:
    world.client("s3").create_bucket(
        Bucket="another-page",
        CreateBucketConfiguration={"LocationConstraint": world.aws.region},
    )
    world.undo.callback(world.client("s3").delete_bucket, Bucket="another-page")
    allow(world, "s3:*")
    world.set(PAGE_BUCKET="another-page")


def allow(world: World, action: str) -> None:
    """Let the doctor's identity do this with anything."""
    rights = {"Effect": "Allow", "Action": action, "Resource": "*"}
    iam, how = world.client("iam"), {"UserName": "doctor", "PolicyName": "more"}
    iam.put_user_policy(**how, PolicyDocument=json.dumps({"Statement": [rights]}))
    world.undo.callback(iam.delete_user_policy, **how)


@breaks({"page.bucket": "status 200.*Block public access"})
def the_page_bucket_is_public(world: World) -> None:
    bucket, s3 = world.aws.outputs["PageBucket"], world.client("s3")
    unblock(world, bucket)
    whole = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    policy = json.loads(whole)
    policy["Statement"] += [read_by_all(bucket)]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    world.undo.callback(s3.put_bucket_policy, Bucket=bucket, Policy=whole)
