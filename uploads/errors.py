"""What can go wrong in the product, in its own words.

AWS's errors are translated here, at the one place where they enter. What is
not known here is re-raised as it came: it is a bug, and its traceback is for us.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from botocore.exceptions import (
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    MetadataRetrievalError,
    NoCredentialsError,
    TokenRetrievalError,
)

#: Codes that S3, SQS and DynamoDB answer when the same call may succeed later:
#: botocore's own list of transient and throttling codes (legacy retry mode),
#: which the SDK has already retried by the time we see one.
_TRANSIENT = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)

#: Codes for a right or a credential that the bot lacks: nothing that the one who
#: asked can help, and nothing that a file should be given up for.
_SHUT_OUT = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)


class UploadLinkError(Exception):
    """A failure we expect. It is told to people in the words of the catalogs, under its `key`.

    `values` fill the sentence. The text of the exception itself is for the log.
    """

    def __init__(self, key: str, **values: str | int | timedelta) -> None:
        said = ", ".join(f"{name} {value}" for name, value in values.items())
        super().__init__(f"{key} ({said})" if said else key)
        self.key = key
        self.values = values


class Forbidden(UploadLinkError):
    """The one who asked may not, by the admin's word. `link` is the reference of the link, if any."""

    def __init__(self, key: str, link: str = "", **values: str | int | timedelta) -> None:
        super().__init__(key, **values)
        self.link = link


class Unavailable(UploadLinkError):
    """AWS cannot be reached, is overloaded, or does not let us in. Trying later may work."""


class NotThere(UploadLinkError):
    """The link or the object that was asked for does not exist (any more)."""


class Buried(NotThere):
    """A tombstone lies there.

    `by` is who deleted what was there: a Slack id, "" where nobody knows, None where no file
    was known to be there.
    """

    def __init__(self, by: str | None) -> None:
        super().__init__("file_deleted")
        self.by = by


class Withheld(UploadLinkError):
    """S3 does not show the object: it is gone, or the bot may not read it."""


class Conflict(UploadLinkError):
    """Somebody changed the same thing at the same time. Read it again, and try again."""


class Unreadable(UploadLinkError):
    """A queue message that is no event we know, not even one to ignore."""


def error_code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def aws_errors() -> Iterator[None]:
    """Turn the outages of AWS into `Unavailable`; everything else passes unchanged.

    >>> with aws_errors():
    ...     raise HTTPClientError(error="no route")
    Traceback (most recent call last):
    ...
    uploads.errors.Unavailable: aws_unreachable
    """
    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if error_code(error) in _TRANSIENT or status >= 500:
            raise Unavailable("aws_busy") from error
        if error_code(error) in _SHUT_OUT:
            raise Unavailable("aws_denies", code=error_code(error)) from error
        raise
    except (
        CredentialRetrievalError,
        MetadataRetrievalError,
        NoCredentialsError,
        TokenRetrievalError,
    ) as error:
        raise Unavailable("no_credentials") from error
    except (ConnectionError, HTTPClientError) as error:
        raise Unavailable("aws_unreachable") from error


#: Codes with which DynamoDB refuses a write whose condition does not hold (any more), or that
#: somebody else's write stood in the way of.
LOST = frozenset(
    {
        "ConditionalCheckFailedException",
        "TransactionCanceledException",
        # A plain write met a transaction on the same item (DynamoDB, "Transaction conflicts").
        "TransactionConflictException",
    }
)


@contextmanager
def unless_lost() -> Iterator[None]:
    """Leave the block where a conditional write comes too late: somebody else has gone further."""
    try:
        yield
    except ClientError as error:
        if error_code(error) not in LOST:
            raise
