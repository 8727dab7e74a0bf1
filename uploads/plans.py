"""The plans that lie published in the page bucket, each under its link's secret id."""

import json
from typing import TYPE_CHECKING, Any

from uploads.errors import aws_errors

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class Plans:
    """Where pages look for their plans. `s3` is asked for nothing but PutObject."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def publish(self, link_id: str, plan: dict[str, Any]) -> None:
        """Put a plan in the place of the one before. Raises `Unavailable` in an outage."""
        with aws_errors():
            self._s3.put_object(
                Bucket=self._bucket,
                Key=f"page/p/{link_id}.json",
                Body=json.dumps(plan, ensure_ascii=False, separators=(",", ":")).encode(),
                ContentType="application/json",
                # A plan changes with every file: no browser or CDN may keep one.
                CacheControl="no-store",
            )
