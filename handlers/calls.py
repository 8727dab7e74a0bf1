"""Slack's errors, translated where they enter.

A post that fails leaves three possibilities, and only the caller knows what to
do about each: it was refused, it must wait, or nobody knows whether it was said.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from slack_sdk.errors import SlackApiError

from uploads.errors import UploadLinkError

#: Answers with which Slack refuses a post here for good, but would take it elsewhere
#: (chat.postMessage, "Errors").
REFUSALS = frozenset(
    {
        "access_denied",
        "cannot_reply_to_message",
        "cant_update_message",
        "channel_not_found",
        "is_archived",
        "is_inactive",
        "message_not_found",
        "messages_tab_disabled",
        "missing_scope",
        "no_permission",
        "not_in_channel",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "thread_not_found",
        "user_not_found",
        "user_disabled",
    }
)


class Refused(UploadLinkError):
    """Slack will not have it here."""


class Busy(UploadLinkError):
    """Nothing was said; Slack wants us to come back in `retry_after` seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unsure(UploadLinkError):
    """The answer was lost: Slack may have done it, or not."""


@contextmanager
def slack_errors() -> Iterator[None]:
    """Turn the failures of a call to Slack into `Refused`, `Busy` or `Unsure`.

    What else Slack complains of (a wrong token, a block that is none) is a bug
    or a broken set-up, and passes unchanged.
    """
    try:
        yield
    except SlackApiError as error:
        answer = error.response
        code = answer.get("error") or ""
        if answer.status_code == 429 or code in {"ratelimited", "rate_limited"}:
            wait = float(answer.headers.get("Retry-After", 1))
            raise Busy("Slack asks us to slow down.", wait) from error
        if code in REFUSALS:
            raise Refused(f"Slack refuses: {code}") from error
        if answer.status_code >= 500 or code in {
            "internal_error",
            "fatal_error",
            "service_unavailable",
        }:
            raise Unsure("Slack has trouble of its own.") from error
        raise
    except aiohttp.ClientConnectorError as error:
        raise Busy("Slack cannot be reached.", 5.0) from error
    except (TimeoutError, aiohttp.ClientError, ConnectionError) as error:
        raise Unsure("Slack did not answer.") from error
