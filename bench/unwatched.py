"""A Chromium that is spoken to only when it is asked something.

Playwright has the browser keep a record of every request of a page, in that page's own process:
19 kB for each part of a file, which would be counted as the page's memory.
"""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from local import chromium
from local.process import child

START = 20  # seconds


class Browser:
    """The DevTools protocol, as little of it as a bench needs."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)

    async def ask(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        """The result of one command. Raises `ValueError` with what the browser says instead."""
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": params}
        await self._socket.send_json({**command, **({"sessionId": session} if session else {})})
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                break
            said = message.json()
            if said.get("id") == number:
                if "error" in said:
                    raise ValueError(f"{method}: {said['error']}")
                return dict(said["result"])
        raise ValueError(f"{method}: the browser has gone")

    async def renderers(self) -> list[int]:
        """Process ids of the processes that run pages."""
        processes = (await self.ask("SystemInfo.getProcessInfo"))["processInfo"]
        return [process["id"] for process in processes if process["type"] == "renderer"]


class Tab:
    """A page in a profile of its own, which ends with it."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    async def __aenter__(self) -> Self:
        ask = self._browser.ask
        self._profile = (await ask("Target.createBrowserContext"))["browserContextId"]
        self._target = (
            await ask("Target.createTarget", url="about:blank", browserContextId=self._profile)
        )["targetId"]
        self._session = (await ask("Target.attachToTarget", targetId=self._target, flatten=True))[
            "sessionId"
        ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._browser.ask("Target.disposeBrowserContext", browserContextId=self._profile)

    async def open(self, url: str, script: str) -> None:
        """Go to a page; `script` runs in it before anything of its own."""
        await self._ask("Page.enable")  # or the script would be forgotten
        await self._ask("Page.addScriptToEvaluateOnNewDocument", source=script)
        await self._ask("Page.navigate", url=url)

    async def value(self, expression: str) -> Any:
        """What a script comes to, as JSON has it."""
        answer = await self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    async def choose(self, selector: str, file: str) -> None:
        """Give a file to an input. Raises `ValueError` if there is none."""
        found = await self._ask(
            "Runtime.evaluate", expression=f"document.querySelector({selector!r})"
        )
        await self._ask(
            "DOM.setFileInputFiles", files=[file], objectId=found["result"].get("objectId")
        )

    async def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        return await self._browser.ask(method, self._session, **params)


@asynccontextmanager
async def launched(folder: Path) -> AsyncIterator[Browser]:
    """A headless one with an empty profile in `folder`, closed at the end."""
    command = [chromium.path(), *chromium.FLAGS, "--headless", "--remote-debugging-port=0"]
    command += [f"--user-data-dir={folder / 'profile'}", "about:blank"]
    with child("the browser", command, env={}, log=folder / "browser.log") as running:
        address = running.wait_for(r"ws://\S+", START)[0]
        async with ClientSession() as http, http.ws_connect(address, max_msg_size=0) as socket:
            yield Browser(socket)
