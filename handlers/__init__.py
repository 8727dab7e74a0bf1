"""The doors: everything the bot listens to in Slack, on one screen.

Slack's arguments come first in a listener and ours are keyword-only, bound
here: Bolt injects by name, and drops what follows a name it does not know.
"""

from functools import partial
from typing import TYPE_CHECKING

from handlers import downloads, errors, managing, upload_link

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from handlers.office import Office


def register(app: "AsyncApp", office: "Office") -> None:
    """Join Slack's doors to the office behind them."""
    app.command("/upload-link")(partial(upload_link.request_link, office=office))
    app.action("extend_link")(partial(managing.extend, office=office))
    app.action("close_link")(partial(managing.close, office=office))
    app.action("download")(partial(downloads.offer_download, office=office))
    app.action("all_files")(partial(downloads.offer_all, office=office))
    app.action("files_page_prev")(partial(downloads.turn_page, office=office))
    app.action("files_page_next")(partial(downloads.turn_page, office=office))
    app.action("open_address")(downloads.nothing_to_do)
    app.error(partial(errors.answer, office=office))
