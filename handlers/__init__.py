"""The doors: everything the bot listens to in Slack, on one screen.

Slack's arguments come first in a listener and ours are keyword-only, bound
here: Bolt injects by name, and drops what follows a name it does not know.
"""

from functools import partial
from typing import TYPE_CHECKING

from handlers import downloads, errors, upload_link

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from handlers.telling import Teller
    from uploads.desk import Desk


def register(app: "AsyncApp", *, desk: "Desk", teller: "Teller") -> None:
    """Join Slack's doors to the desk."""
    app.command("/upload-link")(partial(upload_link.request_link, desk=desk, teller=teller))
    app.action("download")(partial(downloads.offer_download, desk=desk, teller=teller))
    app.action("open_address")(downloads.nothing_to_do)
    app.error(errors.answer)
