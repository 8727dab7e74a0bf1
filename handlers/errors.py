"""The one error handler: a sentence for the person, and a traceback for us."""

import logging
import secrets
from asyncio import to_thread
from typing import TYPE_CHECKING, Any

from uploads.errors import Forbidden, UploadLinkError

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncRespond

    from handlers.office import Office
    from handlers.texts import Texts

log = logging.getLogger(__name__)


async def answer(
    error: Exception,
    body: dict[str, Any],
    respond: "AsyncRespond | None",
    *,
    office: "Office",
) -> None:
    """Tell the person what went wrong, in words they can use."""
    who = body.get("user_id") or body.get("user", {}).get("id", "")
    t = await office.directory.texts(who)
    if isinstance(error, UploadLinkError):
        log.warning("told %s: %s", who, error)
        if isinstance(error, Forbidden):
            await to_thread(office.desk.refused, error, who)
        sentence = sentence_for(t, error, office.directory.who_decides(t))
    else:
        reference = secrets.token_hex(4)
        log.error("unexpected failure %s for %s", reference, who, exc_info=error)
        sentence = t("error.unexpected", reference=reference)
    if respond is not None:
        taken = await respond(
            text=f":warning: {sentence}", response_type="ephemeral", replace_original=False
        )
        if taken.status_code != 200:
            log.warning("%s was not told: status %d", who, taken.status_code)


def sentence_for(t: "Texts", error: UploadLinkError, who: str) -> str:
    """An expected failure in somebody's language; `who` is named where somebody must decide."""
    values = {"who": who, **error.values}
    if isinstance(size := values.get("limit"), int):
        values["size"] = t.size(size)
    return t(f"error.{error.key}", **values)
