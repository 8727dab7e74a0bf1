"""The form: opened by command, shortcut or button, and made a link of when it is sent."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from handlers.calls import slack_errors
from handlers.errors import sentence
from handlers.making import check_wish, make_link
from handlers.managing import theirs
from handlers.modals import acknowledge, open_modal, update_modal
from handlers.views import asked
from handlers.views import form as views
from handlers.views.form import Draft
from uploads.desk import Offer
from uploads.errors import NotThere, UploadLinkError
from uploads.links import Place, new_id
from uploads.policy import Wish

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.office import Office
    from handlers.texts import Texts
    from handlers.views.blocks import Message

log = logging.getLogger(__name__)

#: Seconds that a form is looked at before it is acknowledged, so that what is
#: refused can be said beside the inputs. Slack waits for three, and our directory
#: may have had one.
PATIENCE = 1.5

#: Seconds between two looks for a link that somebody else makes, and how many there are.
LOOK_EVERY = 0.25
LOOKS = 40


async def new(
    command: dict[str, Any], client: "AsyncWebClient", t: "Texts", *, office: "Office"
) -> None:
    """Open an empty form, by command."""
    await _open(Draft(new_id(), Wish()), command, client, t, office)


async def ask(
    ack: "AsyncAck", body: dict[str, Any], client: "AsyncWebClient", *, office: "Office"
) -> None:
    """Open an empty form, by shortcut or from the list of one's links."""
    await ack()
    t = await office.directory.texts(body["user"]["id"])
    await _open(Draft(new_id(), Wish()), body, client, t, office)


async def ask_here(
    ack: "AsyncAck", body: dict[str, Any], client: "AsyncWebClient", *, office: "Office"
) -> None:
    """Open a form for a thread, by the shortcut of one of its messages."""
    await ack()
    message = body["message"]
    thread = message.get("thread_ts") or message["ts"]
    draft = Draft(new_id(), Wish(), body["channel"]["id"], thread)
    await _open(draft, body, client, await office.directory.texts(body["user"]["id"]), office)


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
    t = await office.directory.texts(body["user"]["id"])

    async def build() -> "Message":
        link = await theirs(reference, body, office)
        draft = views.again(link, new_id(), office.desk.policy, datetime.now(UTC))
        return _draw(draft, t, office)

    await open_modal(client, body, build(), t, office=office)


async def _open(
    draft: Draft, body: dict[str, Any], client: "AsyncWebClient", t: "Texts", office: "Office"
) -> None:
    with slack_errors():
        await client.views_open(trigger_id=body["trigger_id"], view=_draw(draft, t, office))


def _draw(draft: Draft, t: "Texts", office: "Office", trouble: str = "") -> "Message":
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
    settled = await acknowledge(ack, views.working(t))
    trouble = ""
    try:
        shown = await _made(await checking, draft, t, office)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the form must not hang
        trouble = await sentence(error, user, office=office)
        shown = _draw(views.renewed(draft, new_id()), t, office, trouble)
    if shown is not None:
        await settled
        try:
            await update_modal(client, view["id"], shown)
        except UploadLinkError as error:  # closed meanwhile: the link is theirs all the same
            log.info("%s did not see what came of a form: %s", user, error)
            text = {"text": t("answer.view"), "blocks": shown["blocks"]}
            if "submit" in shown:  # a form again, with what went wrong
                text = {"text": trouble}
            await office.poster.write(user, text)


async def _made(offer: "Offer", draft: Draft, t: "Texts", office: "Office") -> "Message | None":
    """The answer, as a modal; None where the form was sent before and came to nothing."""
    private = draft.wish.private
    if not await office.teller.first_to_make(offer.link):
        # Our "one moment" may have come after the answer of whoever is first: so answer too.
        made = await _made_by_another(offer.link.reference, office)
        return asked.answer_view(t, made, private=private) if made else None
    place = Place(draft.channel, thread=None if private else draft.thread, direct=private)
    offer = await make_link(offer, place, office=office)
    return asked.answer_view(t, offer, private=private)


async def _made_by_another(reference: str, office: "Office") -> "Offer | None":
    """The link that the same form makes elsewhere, once it is there; None if it does not come."""
    for _ in range(LOOKS):
        try:
            link = await asyncio.to_thread(office.desk.find, reference)
        except NotThere:
            await asyncio.sleep(LOOK_EVERY)
        else:
            return Offer(link, await asyncio.to_thread(office.desk.address, link))
    return None
