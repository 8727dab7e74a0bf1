"""The one error handler: a sentence for the person, and a traceback for us."""

import logging
import secrets
from typing import TYPE_CHECKING, Any

from uploads.errors import UploadLinkError

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncRespond

log = logging.getLogger(__name__)


async def answer(error: Exception, body: dict[str, Any], respond: "AsyncRespond | None") -> None:
    """Tell the person what went wrong, in words they can use."""
    who = body.get("user_id") or body.get("user", {}).get("id")
    if isinstance(error, UploadLinkError):
        log.warning("told %s: %s", who, error)
        sentence = str(error)
    else:
        reference = secrets.token_hex(4)
        log.error("unexpected failure %s for %s", reference, who, exc_info=error)
        sentence = (
            "Something went wrong on our side. Please try again;"
            f" if it goes on, give the reference `{reference}` to whoever runs this bot."
        )
    if respond is not None:
        taken = await respond(
            text=f":warning: {sentence}", response_type="ephemeral", replace_original=False
        )
        if taken.status_code != 200:
            log.warning("%s was not told: status %d", who, taken.status_code)
