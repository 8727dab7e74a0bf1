"""From a person's act to the app, by Socket Mode or signed HTTP, and its acknowledgement."""

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

import aiohttp

from local.slack.answers import ack_body
from local.slack.interactions import Interaction
from local.slack.shapes import Json
from local.slack.socket_mode import NotConnected, Sockets


class DispatchFailed(Exception):
    """The app could not be reached, or did not answer 200."""


@dataclass(slots=True)
class AppSettings:
    """How the app is reached; the same in every reset of the workspace."""

    mode: Literal["socket", "http"] = "socket"
    events_url: str = ""
    signing_secret: str = ""


def sign(secret: str, timestamp: str, body: str) -> str:
    """Slack's v0 signature ("Verifying requests from Slack")."""
    base = f"v0:{timestamp}:{body}".encode()
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class Delivery:
    """Carries payloads to the app."""

    def __init__(self, sockets: Sockets, http: aiohttp.ClientSession) -> None:
        self.app = AppSettings()
        self._sockets = sockets
        self._http = http

    async def deliver(self, interaction: Interaction, payload: Json, seconds: float) -> Json:
        """Send it, note how that went on the interaction, and return the acknowledgement's body.

        What Slack shows for an app that fails is in `interaction.error` then.
        """
        try:
            if self.app.mode == "http":
                body = await self._post(interaction.kind, payload, seconds)
            else:
                kind = "slash_commands" if interaction.kind == "command" else "interactive"
                body = await self._sockets.send(kind, payload, seconds)
        except TimeoutError:
            interaction.error = "operation_timeout"
            return {}
        except (NotConnected, DispatchFailed):
            interaction.error = "dispatch_failed"
            return {}
        interaction.acked_ms = interaction.elapsed_ms()
        return body

    async def _post(self, kind: str, payload: Json, seconds: float) -> Json:
        fields = payload if kind == "command" else {"payload": json.dumps(payload)}
        body = urlencode(fields)
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self.app.signing_secret, timestamp, body),
        }
        try:
            async with asyncio.timeout(seconds):
                async with self._http.post(
                    self.app.events_url, data=body, headers=headers
                ) as response:
                    text = await response.text()
                    if response.status != 200:
                        raise DispatchFailed(f"HTTP {response.status}")
        except aiohttp.ClientError as error:
            raise DispatchFailed(str(error)) from error
        return ack_body(text)
