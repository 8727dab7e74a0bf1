"""Put the page where the distribution serves it from."""

import hashlib
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from cloud.page import Asset

if TYPE_CHECKING:
    from types_boto3_cloudfront import CloudFrontClient
    from types_boto3_s3 import S3Client


def publish(
    s3: "S3Client",
    cloudfront: "CloudFrontClient",
    *,
    bucket: str,
    distribution_id: str,
    assets: Iterable[Asset],
    origin_path: str = "page/",
) -> bool:
    """Upload what has changed, and tell CloudFront. Returns whether anything had.

    What a page refers to is there before the page is, and stays after it: a
    browser may hold the page of a moment ago. Should this stop before the
    invalidation, CloudFront asks for `index.html` again all the same, since
    that is `no-cache`; the invalidation only makes it at once and everywhere.
    """
    changed = False
    for asset in sorted(assets, key=lambda asset: asset.key == "index.html"):
        changed |= _put(s3, bucket, origin_path + asset.key, asset)
    if changed:
        cloudfront.create_invalidation(
            DistributionId=distribution_id,
            InvalidationBatch={
                "Paths": {"Quantity": 2, "Items": ["/", "/index.html"]},
                # Not the page's hash: going back to an earlier page is a change too.
                "CallerReference": str(uuid.uuid4()),
            },
        )
    return changed


def _put(s3: "S3Client", bucket: str, key: str, asset: Asset) -> bool:
    """Whether the object had to be written; it is known by the hash of all that makes it up."""
    parts = (asset.content_type, asset.content_encoding, asset.cache_control)
    digest = hashlib.sha256("\n".join(parts).encode() + b"\n" + asset.body).hexdigest()
    if _stored_digest(s3, bucket, key) == digest:
        return False
    s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=asset.body,
        ContentType=asset.content_type,
        ContentEncoding=asset.content_encoding,
        CacheControl=asset.cache_control,
        Metadata={"sha256": digest},
    )
    return True


def _stored_digest(s3: "S3Client", bucket: str, key: str) -> str | None:
    try:
        return s3.head_object(Bucket=bucket, Key=key)["Metadata"].get("sha256")
    except ClientError as error:
        # S3 hides what is missing from those who may not list: 403. If writing is
        # forbidden too, writing will say so.
        if error.response["ResponseMetadata"]["HTTPStatusCode"] in {403, 404}:
            return None
        raise
