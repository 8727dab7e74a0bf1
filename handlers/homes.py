"""Everybody's Home tab: shown when it is opened, and again when something changes."""

import asyncio
import logging
from asyncio import to_thread
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError

from handlers.calls import slack_errors
from handlers.views import mine
from uploads.errors import Conflict, UploadLinkError

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.directory import Directory
    from handlers.views.blocks import Message
    from uploads.desk import Desk
    from uploads.watchers import Watchers

log = logging.getLogger(__name__)

#: Seconds between two changes that one person's Home tab is shown.
PAUSE = 2.0

#: How often a Home tab is drawn that others draw at the same time.
_TRIES = 5


class Homes:
    """Draws Home tabs. `client` may retry: what is published twice is the same."""

    def __init__(
        self, client: "AsyncWebClient", desk: "Desk", watchers: "Watchers", directory: "Directory"
    ) -> None:
        self._client = client
        self._desk = desk
        self._watchers = watchers
        self._directory = directory
        self._following: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()

    async def show(self, user: str, page: str | None = None) -> None:
        """Show somebody their links as they are now, on that page or the one they look at.

        Several bots may draw one Home tab at the same time. Each names the view
        that was the latest before it read the links, so that Slack refuses
        whoever would paint the past over the present.
        """
        seal: str | None = None
        for left in reversed(range(_TRIES)):
            watch = await to_thread(self._watchers.find, user)
            view, here = await self._draw(user, watch.page if page is None else page)
            # The seal is lost if a bot dies between publishing and recording: then do without.
            seal = watch.seal if left else None
            try:
                with slack_errors():
                    answer = await self._publish(user, view, seal)
            except Conflict:
                await asyncio.sleep(0.1)
                continue
            now = datetime.now(UTC)
            watch = replace(watch, page=here, seal=answer["view"]["hash"], at=now)
            await to_thread(self._watchers.keep, user, watch)
            return

    async def show_trouble(self, user: str, sentence: str) -> None:
        """Say in the Home tab why there is nothing else in it."""
        t = await self._directory.texts(user)
        with slack_errors():
            await self._publish(user, mine.home_trouble(t, sentence), None)

    async def _draw(self, user: str, page: str) -> tuple["Message", str]:
        found = await to_thread(self._desk.mine, user, page, mine.HOME_PAGE)
        t = await self._directory.texts(user)
        return mine.home(t, found, datetime.now(UTC)), found.here

    async def _publish(self, user: str, view: "Message", seal: str | None) -> Any:
        return await self._client.views_publish(user_id=user, view=view, hash=seal or None)

    # What changes while somebody looks.

    def changed(self, user: str) -> None:
        """Something about somebody's links has changed: show it soon, if they may be looking."""
        if user in self._following:
            self._again.add(user)
            return
        task = asyncio.create_task(self._follow(user))
        self._following[user] = task
        task.add_done_callback(lambda _: self._following.pop(user, None))

    async def _follow(self, user: str) -> None:
        while True:
            self._again.discard(user)
            try:
                await self._refresh(user)
            except (UploadLinkError, SlackApiError) as error:
                log.warning("the Home tab of %s is behind: %s", user, error)
            await asyncio.sleep(PAUSE)
            if user not in self._again:
                return

    async def _refresh(self, user: str) -> None:
        watch = await to_thread(self._watchers.find, user)
        if not watch.lasts(datetime.now(UTC)):
            return
        await self.show(user)

    async def finish(self) -> None:
        """Leave what is under way."""
        tasks = list(self._following.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
