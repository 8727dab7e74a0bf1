"""What S3 knows of what has landed, and how a key is closed."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from uploads.errors import NotThere, Withheld, aws_errors, error_code
from uploads.links import File, FileId
from uploads.untrusted import file_name, plain

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class Bucket:
    """The upload bucket, as the bot looks into it and closes keys in it. All calls block."""

    def __init__(self, s3: "S3Client", name: str) -> None:
        self._s3 = s3
        self.name = name

    def describe(self, file: FileId, key: str) -> File:
        """The file under a key. Raises `NotThere` or `Withheld` if it cannot be seen."""
        with _missing_objects():
            head = self._s3.head_object(Bucket=self.name, Key=key, ChecksumMode="ENABLED")
        if _TOMBSTONE in head["Metadata"]:
            raise NotThere("file_deleted")
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

    def bury(self, key: str, epitaph: bytes = b"") -> bool:
        """Make a key that nothing lies under unusable: a signed PUT of it now gets 412.

        False where something lies there already, which stays as it is.
        """
        try:
            with aws_errors():
                self._s3.put_object(
                    Bucket=self.name,
                    Key=key,
                    Body=epitaph,
                    IfNoneMatch="*",
                    Metadata={_TOMBSTONE: "1"},
                )
        except ClientError as error:
            if error_code(error) not in {"PreconditionFailed", "412"}:
                raise
            return False
        return True

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
        self._copy(_SPARE, key, MetadataDirective="REPLACE", Metadata={_TOMBSTONE: "1", _BY: by})

    def replaced_by(self, key: str) -> str | None:
        """Who has put a tombstone in the place of an object; None where none lies. As `describe`."""
        with _missing_objects():
            metadata = self._s3.head_object(Bucket=self.name, Key=key)["Metadata"]
        return metadata.get(_BY, "") if _TOMBSTONE in metadata else None

    def renew(self, key: str) -> None:
        """Let an object begin its life in the bucket anew, by a copy onto itself.

        Raises `NotThere` or `Withheld` if it cannot be seen.
        """
        with _missing_objects():
            head = self._s3.head_object(Bucket=self.name, Key=key)
        if _TOMBSTONE in head["Metadata"]:
            raise NotThere("file_deleted")
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

#: GuardDuty User Guide, "Using tag-based access control (TBAC) with Malware Protection for S3".
_SCAN_TAG = "GuardDutyMalwareScanStatus"

#: A tombstone to be copied: beside the folders of all links.
_SPARE = "uploads/tombstone"
_EPITAPH = (
    "This file was deleted after it had been received.\n"
    "このファイルは、受け取ったあとに削除されました。\n"
).encode()


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


def sitting_mark(content_disposition: str) -> str:
    """The name that our page gave to a sitting, in the same header; empty where there is none.

    >>> sitting_mark("attachment; filename*=UTF-8''a; mark=k3m9x2p7.12")
    'k3m9x2p7'
    """
    match = re.search(r";\s*mark=([a-z0-9]{8,16})\.\d{1,4}$", content_disposition)
    return match[1] if match else ""


def original_name(content_disposition: str) -> str:
    """The file name in a Content-Disposition header, fit to be shown; empty where there is none.

    Our page sends `filename*=UTF-8''…` (RFC 8187). Other tools send bare UTF-8
    as `filename=`, which HTTP libraries read as Latin-1. Strangers send anything.

    >>> original_name("attachment; filename*=UTF-8''%E6%9C%88%E6%AC%A1.xlsx")
    '月次.xlsx'
    """
    header = Message()
    header["Content-Disposition"] = content_disposition.replace("\r", " ").replace("\n", " ")
    try:
        stated = header.get_param("filename", header="Content-Disposition")
        if isinstance(stated, tuple):
            return file_name(collapse_rfc2231_value(stated))
    except (ValueError, LookupError):  # a number or a character set that is none
        return ""
    name = stated or ""
    with suppress(UnicodeError):  # raised where it was no UTF-8 in disguise
        name = name.encode("latin-1").decode("utf-8")
    return file_name(name)
