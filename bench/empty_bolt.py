"""`python -m bench.empty_bolt API_URL BOT_TOKEN APP_TOKEN`: the least that Bolt can do for a command.

It acknowledges and answers once, over the same transport as the bot. What the bot needs beyond
this is what the product costs.
"""

import asyncio
import sys

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient


async def answer(ack: AsyncAck, respond: AsyncRespond) -> None:
    """Say that the command was heard."""
    await ack()
    await respond("Heard.")


async def main(api_url: str, bot_token: str, app_token: str) -> None:
    """Listen until killed."""
    app = AsyncApp(client=AsyncWebClient(bot_token, api_url))
    app.command("/upload-link")(answer)
    handler = AsyncSocketModeHandler(app, app_token)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
