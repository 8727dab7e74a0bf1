"""The form: opened by command, shortcut or button, and made a link of when it is sent."""

import asyncio
from asyncio import to_thread
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from handlers.calls import Refused
from handlers.errors import sentence
from handlers.making import check_wish, make_link
from handlers.modals import open_modal, update_modal
from handlers.views import asked
from handlers.views import form as views
from handlers.views.form import Draft
from uploads.errors import UploadLinkError
from uploads.links import Place, new_id
from uploads.policy import Wish

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.office import Office
    from handlers.views.blocks import Message
    from uploads.desk import Offer

#: Seconds that a form is looked at before it is acknowledged, so that what is
#: refused can be said beside the inputs. Slack waits for three.
PATIENCE = 2.0


async def new(command: dict[str, Any], client: "AsyncWebClient", *, office: "Office") -> None:
    """Open an empty form, by command."""
    await _open(Draft(new_id(), Wish()), command["user_id"], command["trigger_id"], client, office)


async def ask(
    ack: "AsyncAck", body: dict[str, Any], client: "AsyncWebClient", *, office: "Office"
) -> None:
    """Open an empty form, by shortcut or from the list of one's links."""
    await ack()
    draft = Draft(new_id(), Wish())
    await _open(draft, body["user"]["id"], body["trigger_id"], client, office)


async def ask_here(
    ack: "AsyncAck", body: dict[str, Any], client: "AsyncWebClient", *, office: "Office"
) -> None:
    """Open a form for a thread, by the shortcut of one of its messages."""
    await ack()
    message = body["message"]
    thread = message.get("thread_ts") or message["ts"]
    draft = Draft(new_id(), Wish(), body["channel"]["id"], thread)
    await _open(draft, body["user"]["id"], body["trigger_id"], client, office)


async def ask_again(
    ack: "AsyncAck",
    action: dict[str, Any],
    body: dict[str, Any],
    client: "AsyncWebClient",
    *,
    office: "Office",
) -> None:
    """Open a form that is filled in as for a link that was made before."""
    await ack()
    await again(action["value"], body, client, office=office)


async def again(
    reference: str, body: dict[str, Any], client: "AsyncWebClient", *, office: "Office"
) -> None:
    """The same, for a link by its reference."""
    user = body["user"]["id"]

    async def build() -> "Message":
        link = await to_thread(office.desk.find, reference)
        await office.directory.check_manager(user, link)
        now = datetime.now(UTC)
        draft = views.again(link, new_id(), office.desk.policy, now)
        return await _draw(draft, user, office)

    t = await office.directory.texts(user)
    await open_modal(client, body["trigger_id"], build(), t)


async def _open(
    draft: Draft, user: str, trigger_id: str, client: "AsyncWebClient", office: "Office"
) -> None:
    t = await office.directory.texts(user)
    await open_modal(client, trigger_id, _draw(draft, user, office), t)


async def _draw(draft: Draft, user: str, office: "Office", trouble: str = "") -> "Message":
    t = await office.directory.texts(user)
    return views.draw(
        t,
        draft,
        office.desk.policy,
        datetime.now(UTC),
        embedded=office.desk.embedded,
        trouble=trouble,
    )


async def make(
    ack: "AsyncAck",
    body: dict[str, Any],
    view: dict[str, Any],
    client: "AsyncWebClient",
    *,
    office: "Office",
) -> None:
    """Make the link that a form asks for, and show it where the form was."""
    user, draft = body["user"]["id"], views.read(view)
    person = await office.directory.person(user)
    t = office.directory.texts_of(person)

    async def check() -> "Offer":
        return await check_wish(draft.wish, person, draft.channel, office=office, id=draft.id)

    checking = asyncio.create_task(check())
    await asyncio.wait([checking], timeout=PATIENCE)
    if checking.done() and isinstance(error := checking.exception(), UploadLinkError):
        said = await sentence(error, user, office=office, plain=True)
        await ack(response_action="errors", errors={views.field(error.key, view): said})
        return
    # The link takes longer to make than this to reach Slack: several calls go out in between.
    await ack(response_action="update", view=views.working(t))
    try:
        shown = await _made(await checking, draft, office)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the form must not hang
        trouble = await sentence(error, user, office=office)
        shown = await _draw(views.renewed(draft, new_id()), user, office, trouble)
    if shown is not None:
        try:
            await update_modal(client, view["id"], shown)
        except Refused:  # closed meanwhile: the link is theirs all the same
            text = {"text": t("answer.view"), "blocks": shown["blocks"]}
            if "submit" not in shown:
                await office.poster.write(user, text)


async def _made(offer: "Offer", draft: Draft, office: "Office") -> "Message | None":
    """The answer, as a modal; None where the form was sent before and somebody is at it."""
    if not await office.teller.first_to_make(offer.link):
        return None
    private = draft.wish.private
    place = Place(draft.channel, thread=None if private else draft.thread, direct=private)
    offer = await make_link(offer, place, office=office)
    t = await office.directory.texts(offer.link.requester)
    return asked.answer_view(t, offer, private=private)
