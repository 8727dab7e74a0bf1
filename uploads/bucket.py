"""What S3 knows of what has landed, and how a key is closed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from uploads.disposition import original_name, sitting_mark
from uploads.errors import Buried, NotThere, Unavailable, Withheld, aws_errors, error_code
from uploads.links import File, FileId
from uploads.untrusted import plain

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class Bucket:
    """The upload bucket, as the bot looks into it and closes keys in it. All calls block."""

    def __init__(self, s3: "S3Client", name: str) -> None:
        self._s3 = s3
        self.name = name

    def describe(self, file: FileId, key: str) -> File:
        """The file under a key.

        Raises `NotThere` or `Withheld` if it cannot be seen, and `Buried` for a tombstone.
        """
        with _missing_objects():
            head = self._s3.head_object(Bucket=self.name, Key=key, ChecksumMode="ENABLED")
        _refuse_tombstone(head["Metadata"])
        disposition = head.get("ContentDisposition", "")
        return File(
            id=file,
            name=original_name(disposition),
            size=head["ContentLength"],
            content_type=plain(head.get("ContentType", ""), 100) or "application/octet-stream",
            arrived_at=head["LastModified"],
            mark=sitting_mark(disposition),
            checksum=head.get("ChecksumCRC64NVME", ""),
        )

    def read(self, key: str, limit: int) -> bytes:
        """A small object whole; empty if it is larger than `limit` bytes. Raises like `describe`."""
        with _missing_objects():
            got = self._s3.get_object(Bucket=self.name, Key=key)
            if got["ContentLength"] > limit or _TOMBSTONE in got["Metadata"]:
                got["Body"].close()
                return b""
            return got["Body"].read()

    def bury(self, key: str, epitaph: bytes = b"", *, unused: bool = False) -> bool:
        """Make a key that nothing lies under unusable: a signed PUT of it now gets 412.

        `unused` says that no file is known to have been there, so that nobody need look for it.
        False where something lies there already, which stays as it is.
        """
        try:
            with aws_errors():
                self._s3.put_object(
                    Bucket=self.name,
                    Key=key,
                    Body=epitaph,
                    IfNoneMatch="*",
                    Metadata={_TOMBSTONE: _UNUSED if unused else _USED},
                )
        except ClientError as error:
            if error_code(error) not in {"PreconditionFailed", "412"}:
                raise
            return False
        return True

    def begin(self, key: str, content_type: str, disposition: str) -> str:
        """Begin a multipart upload with the headers that its object will have; returns its id."""
        with aws_errors():
            return self._s3.create_multipart_upload(
                Bucket=self.name,
                Key=key,
                ContentType=content_type,
                ContentDisposition=disposition,
            )["UploadId"]

    def loaded(self, key: str, upload_id: str) -> int:
        """The bytes of all parts that are there. Raises `NotThere` once it is complete or aborted."""
        pages = self._s3.get_paginator("list_parts").paginate(
            Bucket=self.name, Key=key, UploadId=upload_id
        )
        with _missing_uploads():
            return sum(part["Size"] for page in pages for part in page.get("Parts", []))

    def abort(self, key: str, upload_id: str) -> None:
        """Throw away a multipart upload and all that was sent of it. May be repeated.

        Parts that are on their way can outlive one abort (AbortMultipartUpload, "API
        description"), so it is looked for afterwards, and aborted again.
        """
        for _ in range(_ABORTS):
            try:
                with _missing_uploads():
                    self._s3.abort_multipart_upload(Bucket=self.name, Key=key, UploadId=upload_id)
                self.loaded(key, upload_id)
            except NotThere:
                return
        raise Unavailable("aws_busy")

    def scan_result(self, key: str) -> str:
        """GuardDuty's tag at an object, "" without one. Raises like `describe`."""
        with _missing_objects():
            tags = self._s3.get_object_tagging(Bucket=self.name, Key=key)["TagSet"]
        return next((tag["Value"] for tag in tags if tag["Key"] == _SCAN_TAG), "")

    def replace(self, key: str, by: str) -> None:
        """Delete an object: a tombstone takes its place in one stroke, so that its key is never free.

        Whoever fetches it by a URL that was signed before reads what happened, and the
        tombstone says by whom (a Slack id). The bucket keeps the object as an old
        version for a month. May be repeated.
        """
        self.bury(_SPARE, _EPITAPH)
        self._copy(_SPARE, key, MetadataDirective="REPLACE", Metadata={_TOMBSTONE: _USED, _BY: by})

    def renew(self, key: str) -> None:
        """Let an object begin its life in the bucket anew, by a copy onto itself.

        Raises `NotThere` or `Withheld` if it cannot be seen.
        """
        with _missing_objects():
            head = self._s3.head_object(Bucket=self.name, Key=key)
        _refuse_tombstone(head["Metadata"])
        self._copy(
            key,
            key,
            MetadataDirective="REPLACE",  # without a change S3 copies nothing onto itself
            CopySourceIfMatch=head["ETag"],
            ContentType=head["ContentType"],
            ContentDisposition=head.get("ContentDisposition", ""),
        )

    def _copy(self, source: str, key: str, **more: Any) -> None:
        with aws_errors():
            self._s3.copy_object(
                Bucket=self.name,
                Key=key,
                CopySource={"Bucket": self.name, "Key": source},
                # To take tags along, one must be allowed to read them.
                TaggingDirective="REPLACE",
                **more,
            )


#: Only who may sign headers can set metadata, so no uploader can make a tombstone.
_TOMBSTONE, _BY = "tombstone", "by"
#: Whether a file may have been there, which somebody then has to record as gone.
_USED, _UNUSED = "1", "unused"

#: GuardDuty User Guide, "Using tag-based access control (TBAC) with Malware Protection for S3".
_SCAN_TAG = "GuardDutyMalwareScanStatus"

#: A tombstone to be copied: beside the folders of all links.
_SPARE = "uploads/tombstone"
_EPITAPH = (
    "This file was deleted after it had been received.\n"
    "このファイルは、受け取ったあとに削除されました。\n"
).encode()


#: How often a multipart upload is aborted at once, before that is left for later.
_ABORTS = 5


def _refuse_tombstone(metadata: Mapping[str, str]) -> None:
    if _TOMBSTONE in metadata:
        raise Buried(None if metadata[_TOMBSTONE] == _UNUSED else metadata.get(_BY, ""))


@contextmanager
def _missing_uploads() -> Iterator[None]:
    with aws_errors():
        try:
            yield
        except ClientError as error:
            if error_code(error) == "NoSuchUpload":
                raise NotThere("no_such_upload") from None
            raise


@contextmanager
def _missing_objects() -> Iterator[None]:
    with aws_errors():
        try:
            yield
        except ClientError as error:
            # A HEAD has no body, so botocore gives the status as the code.
            if error_code(error) in {"404", "NoSuchKey"}:
                raise NotThere("file_deleted") from None
            if error_code(error) in {"403", "AccessDenied"}:
                # What S3 says of a missing object to whoever may not list the bucket
                # (HeadObject, "Permissions"), and of any object to whoever may not read.
                raise Withheld("file_withheld") from None
            raise
