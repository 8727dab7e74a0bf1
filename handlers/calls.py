"""Slack's errors, translated where they enter.

A post that fails leaves three possibilities, and only the caller knows what to
do about each: it was refused, it must wait, or nobody knows whether it was said.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from uploads.errors import Conflict, UploadLinkError

#: Answers with which Slack refuses a post here for good, but may take it elsewhere
#: (docs.slack.dev/reference/methods/chat.postMessage, "Errors").
_REFUSALS = frozenset(
    {
        "access_denied",
        "cannot_reply_to_message",
        "cant_update_message",
        "channel_not_found",
        "edit_window_closed",
        "is_archived",
        "is_inactive",
        "message_not_found",
        "not_enabled",
        "not_found",
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
        "user_disabled",
        "user_not_found",
        "user_not_visible",
    }
)

#: Answers that say that the bot is shut out of the workspace altogether.
_LOCKS = frozenset(
    {
        "account_inactive",
        "ekm_access_denied",
        "invalid_auth",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)

#: Answers to a modal that comes too late, or twice.
_LATE = frozenset({"exchanged_trigger_id", "expired_trigger_id", "invalid_trigger_id"})

#: Answers that ask to come again; the last two while a workspace or a channel moves house.
_LATER = frozenset(
    {"ratelimited", "rate_limited", "team_added_to_org", "external_channel_migrating"}
)

_TROUBLES = frozenset({"fatal_error", "internal_error", "service_unavailable"})


class Refused(UploadLinkError):
    """Slack will not have it here."""


class Busy(UploadLinkError):
    """Nothing was said; it may be tried again in `retry_after` seconds."""

    def __init__(self, key: str, retry_after: float, **values: str) -> None:
        super().__init__(key, **values)
        self.retry_after = retry_after


class Away(Busy):
    """Nothing at all can be said: Slack cannot be reached."""


class LockedOut(Away):
    """Nothing can be said until somebody gives the bot a good token again."""


class Late(UploadLinkError):
    """Slack waits three seconds for a modal. It must be asked for once more."""


class Unsure(UploadLinkError):
    """Slack may have done it, or not."""


class Silent(Unsure):
    """The answer was lost: Slack may have done it, or not, or be at it still."""


@contextmanager
def slack_errors() -> Iterator[None]:
    """Turn the failures of a call to Slack into `Refused`, `Busy` or `Unsure` (`Silent`).

    For views also into `Late`, and `Conflict` where another has changed them.

    What else Slack complains of (a block that is none, say) is a bug of ours,
    and passes unchanged.
    """
    try:
        yield
    except SlackApiError as error:
        status, headers, body = _answer(error)
        code = body.get("error") or ""
        if status == 429 or code in _LATER:
            raise Busy("slack_slow_down", _retry_after(headers)) from error
        if code in _LOCKS:
            raise LockedOut("slack_locks_out", 5.0, code=code) from error
        if code in _LATE:
            raise Late("slack_waited") from error
        if code == "hash_conflict":
            raise Conflict("changed_meanwhile") from error
        if code in _REFUSALS:
            raise Refused("slack_refuses", code=code) from error
        if status in {408, 504}:
            raise Silent("slack_silent") from error
        if status >= 500 or code in _TROUBLES or not body:
            raise Unsure("slack_trouble") from error
        raise
    except aiohttp.ClientConnectorError as error:
        raise Away("slack_unreachable", 5.0) from error
    except (TimeoutError, aiohttp.ClientError, ConnectionError) as error:
        raise Silent("slack_silent") from error


def _answer(error: SlackApiError) -> tuple[int, Mapping[str, str], dict[str, Any]]:
    """Status, headers and body of an answer; no body where it is not Slack's JSON.

    Of an answer that it cannot decode, the SDK hands on aiohttp's own.
    """
    answer: AsyncSlackResponse | aiohttp.ClientResponse = error.response
    if isinstance(answer, aiohttp.ClientResponse):
        return answer.status, answer.headers, {}
    return answer.status_code, answer.headers, answer.data if isinstance(answer.data, dict) else {}


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds. A proxy may name a date, which is passed over."""
    said = headers.get("Retry-After", "")
    return float(said) if said.isdecimal() else 1.0
