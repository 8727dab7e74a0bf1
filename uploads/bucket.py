"""What S3 knows of a file that has landed."""

from contextlib import suppress
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from uploads.arrivals import Arrival
from uploads.errors import NotThere, Withheld, aws_errors, error_code
from uploads.links import File
from uploads.untrusted import file_name, plain

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class Bucket:
    """The upload bucket, for looking. `s3` is asked for nothing but HeadObject."""

    def __init__(self, s3: "S3Client", name: str) -> None:
        self._s3 = s3
        self.name = name

    def describe(self, arrival: Arrival) -> File:
        """The file behind an arrival. Raises `NotThere` or `Withheld` if it cannot be seen."""
        try:
            with aws_errors():
                head = self._s3.head_object(Bucket=self.name, Key=arrival.key)
        except ClientError as error:
            # A HEAD has no body, so botocore gives the status as the code.
            if error_code(error) in {"404", "NoSuchKey"}:
                raise NotThere("The file has been deleted from the bucket.") from None
            if error_code(error) == "403":
                # What S3 says of a missing object to whoever may not list the bucket
                # (HeadObject, "Permissions"), and of any object to whoever may not read.
                raise Withheld(
                    "The file has been deleted, or the bot may not read the bucket."
                ) from None
            raise
        return File(
            id=arrival.file,
            name=original_name(head.get("ContentDisposition", "")),
            size=head["ContentLength"],
            content_type=plain(head.get("ContentType", ""), 100) or "application/octet-stream",
            arrived_at=head["LastModified"],
        )


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
