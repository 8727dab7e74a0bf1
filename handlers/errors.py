"""The one error handler: a sentence for the person, and a traceback for us."""

import logging
import re
import secrets
from asyncio import to_thread
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from handlers import about
from handlers.calls import slack_errors
from handlers.views import form
from uploads.errors import Forbidden, UploadLinkError

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncRespond
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.office import Office
    from handlers.texts import Texts

log = logging.getLogger(__name__)


async def answer(
    error: Exception,
    body: dict[str, Any],
    respond: "AsyncRespond | None",
    client: "AsyncWebClient",
    *,
    office: "Office",
) -> None:
    """Tell the person what went wrong, in words they can use.

    Where they are there may be no message to answer: then in a modal, or else
    in their own conversation with us.
    """
    who = body.get("user_id") or body.get("user", {}).get("id", "")
    if not who:  # an event: nobody waits for an answer
        log.error("an event could not be handled", exc_info=error)
        return
    said = await sentence(error, who, office=office)
    if respond is not None and body.get("response_url"):
        message = {
            "text": f":warning: {said}",
            "response_type": "ephemeral",
            "replace_original": False,
        }
        await office.poster.answer(respond, who, message)
        return
    t = await office.directory.texts(who)
    in_modal = body.get("view", {}).get("type") == "modal"
    open_ = client.views_push if in_modal else client.views_open
    try:
        with slack_errors():
            await open_(trigger_id=body.get("trigger_id", ""), view=form.trouble(t, said))
    except (UploadLinkError, SlackApiError) as late:
        log.info("no modal for %s: %s", who, late)
        await office.poster.write(who, {"text": f":warning: {said}"})


async def sentence(error: Exception, who: str, *, office: "Office", plain: bool = False) -> str:
    """What somebody is told of an error, which is accounted for; `plain` is without markup."""
    t = await office.directory.texts(who)
    if not isinstance(error, UploadLinkError):
        # What they can quote to us is on every line that the log has of it.
        reference = about.request.get() or secrets.token_hex(4)
        log.error("unexpected failure %s for %s", reference, who, exc_info=error)
        said = t("error.unexpected", reference=reference)
        return said.replace("`", "") if plain else said
    log.warning("told %s: %s", who, error)
    if isinstance(error, Forbidden):
        await to_thread(office.desk.refused, error, who)
    said = sentence_for(t, error, office.directory.who_decides(t))
    return await _plainly(said, office) if plain else said


def sentence_for(t: "Texts", error: UploadLinkError, who: str) -> str:
    """An expected failure in somebody's language; `who` is named where somebody must decide."""
    values: dict[str, str | int] = {"who": who}
    for name, value in error.values.items():
        values[name] = t.life(value) if isinstance(value, timedelta) else value
    if isinstance(size := values.get("limit"), int):
        values["size"] = t.size(size)
    return t(f"error.{error.key}", **values)


async def _plainly(said: str, office: "Office") -> str:
    """A sentence of ours where Slack reads no markup: people by their names."""
    for id in re.findall(r"<@(\w+)>", said):
        person = await office.directory.person(id, id)
        said = said.replace(f"<@{id}>", person.name)
    return said.replace("`", "")
