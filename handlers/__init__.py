"""The doors: everything the bot listens to in Slack, on one screen.

Slack's arguments come first in a listener and ours are keyword-only, bound
here: Bolt injects by name, and drops what follows a name it does not know.
"""

from functools import partial
from typing import TYPE_CHECKING

from handlers import downloads, errors, form, keeping, managing, mine, upload_link
from handlers.answers import mend_answers
from handlers.views.form import CALLBACK
from handlers.views.keeping import CALLBACK as KEEPING

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from handlers.office import Office


def register(app: "AsyncApp", office: "Office") -> None:
    """Join Slack's doors to the office behind them."""
    app.middleware(mend_answers)

    app.command("/upload-link")(partial(upload_link.request_link, office=office))
    app.event("app_home_opened")(partial(mine.open_home, office=office))

    # The form.
    app.shortcut("ask_for_file")(partial(form.ask, office=office))
    app.shortcut("ask_for_file_here")(partial(form.ask_here, office=office))
    app.action("ask_for_file")(partial(form.ask, office=office))
    app.action("ask_again")(partial(form.ask_again, office=office))
    app.view(CALLBACK)(partial(form.make, office=office))

    # Wherever a link is shown.
    app.action("show_link")(partial(mine.show_link, office=office))
    app.action("extend_link")(partial(managing.extend, office=office))
    app.action("close_link")(partial(managing.close, office=office))
    app.action("link_history")(partial(mine.show_history, office=office))
    app.action("link_more")(partial(mine.more, office=office))
    app.action("links_prev")(partial(mine.turn_page, office=office))
    app.action("links_next")(partial(mine.turn_page, office=office))
    app.action("links_again")(partial(mine.turn_page, office=office))

    # Files.
    app.action("download")(partial(downloads.offer_download, office=office))
    app.action("all_files")(partial(downloads.offer_all, office=office))
    app.action("files_page_prev")(partial(downloads.turn_page, office=office))
    app.action("files_page_next")(partial(downloads.turn_page, office=office))
    app.action("manage_files")(partial(keeping.open_form, office=office))
    app.view(KEEPING)(partial(keeping.carry_out, office=office))
    app.action("open_address")(downloads.nothing_to_do)

    app.error(partial(errors.answer, office=office))
