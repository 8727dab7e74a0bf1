"""What can go wrong in the product, in its own words.

AWS's errors are translated here, at the one place where they enter. What is
not known here is re-raised as it came: it is a bug, and its traceback is for us.
"""

from collections.abc import Iterator
from contextlib import contextmanager

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
    """A failure we expect. Its text is a sentence for the person who asked."""


class Unavailable(UploadLinkError):
    """AWS cannot be reached, is overloaded, or does not let us in. Trying later may work."""


class NotThere(UploadLinkError):
    """The link or the object that was asked for does not exist (any more)."""


class Withheld(UploadLinkError):
    """S3 does not show the object: it is gone, or the bot may not read it."""


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
    uploads.errors.Unavailable: AWS cannot be reached at the moment. Try again in a minute.
    """
    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if error_code(error) in _TRANSIENT or status >= 500:
            raise Unavailable("AWS is too busy at the moment. Try again in a minute.") from error
        if error_code(error) in _SHUT_OUT:
            raise Unavailable(
                f"AWS does not let the bot do this ({error_code(error)}). Tell whoever runs it."
            ) from error
        raise
    except (
        CredentialRetrievalError,
        MetadataRetrievalError,
        NoCredentialsError,
        TokenRetrievalError,
    ) as error:
        raise Unavailable(
            "The bot has no AWS credentials at the moment. Tell whoever runs it."
        ) from error
    except (ConnectionError, HTTPClientError) as error:
        raise Unavailable("AWS cannot be reached at the moment. Try again in a minute.") from error
