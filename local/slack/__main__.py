"""`python -m local.slack`: serve until SIGTERM or SIGINT."""

import argparse
import asyncio
import json
import signal
import socket
from pathlib import Path

import aiohttp
from aiohttp import web

from local.slack import manifest
from local.slack.control import Control
from local.slack.hub import Hub
from local.slack.looking import Looking
from local.slack.rules import Rules
from local.slack.web_api import WebApi


async def serve(host: str, port: int, granted: manifest.Manifest, rules: Rules) -> None:
    """Print one line of JSON with the address when ready, and serve."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with aiohttp.ClientSession() as http:
        # The port must be known before the hub, whose addresses contain it.
        listener = socket.create_server((host, port))
        url = f"http://{host}:{listener.getsockname()[1]}"
        hub = Hub(url, granted, http, rules)
        app = web.Application(client_max_size=4 * 1024**2)
        app.add_routes([*WebApi(hub).routes(), *Control(hub).routes(), *Looking(hub).routes()])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        await web.SockSite(runner, listener).start()
        print(json.dumps({"url": url}), flush=True)
        await stopping.wait()
        hub.news.close()
        await hub.sockets.close()
        await runner.cleanup()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m local.slack", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--manifest", type=Path, default=manifest.MANIFEST)
    parser.add_argument("--ack-seconds", type=float, default=Rules().ack_seconds)
    options = parser.parse_args()
    rules = Rules(ack_seconds=options.ack_seconds)
    asyncio.run(serve(options.host, options.port, manifest.read(options.manifest), rules))


if __name__ == "__main__":
    main()
