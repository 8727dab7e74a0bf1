"""One look at a time: what goes wrong while looking becomes a finding, with its cause and cure.

Foreign errors are told by their code alone: their texts hold addresses, and
some of those are signed.
"""

import re
from collections.abc import Callable
from http.client import HTTPException

import urllib3
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    NoCredentialsError,
)
from slack_sdk.errors import SlackApiError

from cloud.doctor.finding import Check, Finding
from uploads.errors import Unavailable, error_code

#: For settings that only the doctor reads.
DOCTOR_POLICY = (
    "Attach the stack's DoctorPolicyArn to the identity that credentials.identity names."
)

BOT_POLICY = "Attach the stack's BotPolicyArn to the identity that credentials.identity names."

_CREDENTIALS = (
    "Put working credentials where boto3 looks: a role, a profile, or AWS_ACCESS_KEY_ID and"
    " AWS_SECRET_ACCESS_KEY."
)

_CLOCK = "Set this machine's clock, and let NTP keep it."

_REGION = "Set AWS_REGION to the region of the stack; python bot.py deploy writes it."

#: What AWS's error codes mean here, and what helps.
_CODES = {
    **dict.fromkeys(
        ("ExpiredToken", "ExpiredTokenException"),
        ("the credentials have ended", _CREDENTIALS),
    ),
    **dict.fromkeys(
        ("InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException"),
        ("AWS does not know this access key", _CREDENTIALS),
    ),
    **dict.fromkeys(
        ("InvalidSignatureException", "SignatureDoesNotMatch"),
        (
            "the secret is not the one of this access key, or the clock is wrong",
            f"See clock.s3. {_CREDENTIALS}",
        ),
    ),
    **dict.fromkeys(
        ("RequestTimeTooSkewed", "RequestExpired"),
        ("AWS refuses what is signed by this clock", _CLOCK),
    ),
    **dict.fromkeys(
        ("AuthorizationHeaderMalformed", "PermanentRedirect"),
        ("it is in another region", _REGION),
    ),
    "NoSuchBucket": (
        "there is no such bucket",
        "Compare UPLOAD_BUCKET and PAGE_BUCKET with the stack's outputs of these names.",
    ),
    "ResourceNotFoundException": (
        "there is no such table in this region",
        "Compare LINK_TABLE and AWS_REGION with the stack's output LinkTable.",
    ),
    **dict.fromkeys(
        ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"),
        (
            "there is no such queue",
            "Compare EVENT_QUEUE_URL with the stack's output EventQueueUrl.",
        ),
    ),
}


#: What Slack answers on a bad day ("" for what is no answer of Slack's).
_OUTAGES = frozenset(
    {"", "fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"}
)


def reads(setting: str) -> str:
    """What helps where what a setting names may not be looked at."""
    return f"{DOCTOR_POLICY} If it is, {setting} is not that stack's."


def look(check: Check, examine: Callable[[], Finding], policy: str = BOT_POLICY) -> Finding:
    """What an examination finds. `policy` is what helps where it may not look."""
    try:
        return examine()
    except Unavailable as error:
        return _unavailable(check, error, policy)
    except ClientError as error:
        return _refused(check, error_code(error), policy)
    except NoCredentialsError:
        return check.bad("there are no credentials", _CREDENTIALS)
    except (ConnectionError, HTTPClientError) as error:
        return check.bad(_silence(error), "See whether this machine reaches AWS.")
    except BotoCoreError as error:
        return check.bad(type(error).__name__, "See the AWS configuration of this machine.")
    except SlackApiError as error:
        said = slack_code(error) or "nothing that one understands"
        return check.bad(f"Slack says {said}", "See status.slack.com, and try again.")
    except urllib3.exceptions.NameResolutionError:
        return check.bad(
            "DNS does not know its name",
            "See whether the name is right; one of your own is a CNAME of DistributionDomain.",
        )
    except (urllib3.exceptions.HTTPError, HTTPException, OSError) as error:
        return check.bad(_silence(error), "See whether this machine reaches that address.")


def slack_code(error: SlackApiError) -> str:
    """Slack's code for a refusal; "" where something else answered in its stead."""
    code = str(error.response.get("error", ""))
    return code if re.fullmatch(r"[a-z_]+", code) else ""


def is_outage(error: SlackApiError) -> bool:
    """Whether this says nothing of what was asked."""
    return slack_code(error) in _OUTAGES


def _unavailable(check: Check, error: Unavailable, policy: str) -> Finding:
    cause = error.__cause__
    if isinstance(cause, ClientError):
        return _refused(check, error_code(cause), policy)
    if error.key == "no_credentials":
        return check.bad("there are no credentials", _CREDENTIALS)
    if error.key == "credentials_ending":
        return check.bad("the credentials end within seconds", _CREDENTIALS)
    return check.bad(_silence(cause or error), "See whether this machine reaches AWS.")


def _refused(check: Check, code: str, policy: str) -> Finding:
    if denied(code):
        return check.unseen(f"not seen: this identity may not ({code})", policy)
    return check.bad(*explained(code))


def denied(code: str) -> bool:
    """Whether this is a right that is missing."""
    return "Denied" in code or code == "403"


def explained(code: str) -> tuple[str, str]:
    """What an error code of AWS's means here, and what helps."""
    meaning, cure = _CODES.get(code, ("", "See what AWS means by it."))
    return f"{meaning} ({code})" if meaning else f"AWS says {code}", cure


def refusal(answer: urllib3.BaseHTTPResponse) -> str:
    """The error code in an answer of S3's; its status where there is none."""
    code = re.search(rb"<Code>(\w+)</Code>", answer.data)
    return code[1].decode() if code else str(answer.status)


def _silence(error: BaseException) -> str:
    return f"no answer ({type(error).__name__})"
