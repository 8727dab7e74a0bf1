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
    """The app could not be reached, or did not answer 200.

    `reason` is that of a redelivery ("Events API", "Retries"); "" if the app wants none.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_ENVELOPES = {"command": "slash_commands", "event": "events_api"}


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

    async def deliver(
        self,
        interaction: Interaction,
        payload: Json,
        seconds: float,
        again: tuple[int, str] | None = None,
    ) -> Json:
        """Send it, note how that went on the interaction, and return the acknowledgement's body.

        What Slack shows for an app that fails is in `interaction.error` then.
        `again` counts the attempts before, with the reason; only events have it.
        """
        try:
            if self.app.mode == "http":
                body = await self._post(interaction.kind, payload, seconds, again)
            else:
                kind = _ENVELOPES.get(interaction.kind, "interactive")
                body = await self._sockets.send(kind, payload, seconds, again)
        except TimeoutError:
            interaction.error = "operation_timeout"
            interaction.retry_reason = "http_timeout" if self.app.mode == "http" else "timeout"
            return {}
        except NotConnected:
            interaction.error, interaction.retry_reason = "dispatch_failed", "timeout"
            return {}
        except DispatchFailed as failure:
            interaction.error, interaction.retry_reason = "dispatch_failed", failure.reason
            return {}
        interaction.acked_ms = interaction.elapsed_ms()
        return body

    async def _post(
        self, kind: str, payload: Json, seconds: float, again: tuple[int, str] | None
    ) -> Json:
        body, content_type = _body(kind, payload)
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self.app.signing_secret, timestamp, body),
        }
        if again and again[0]:
            headers |= {"X-Slack-Retry-Num": str(again[0]), "X-Slack-Retry-Reason": again[1]}
        try:
            async with asyncio.timeout(seconds):
                async with self._http.post(
                    self.app.events_url, data=body, headers=headers
                ) as response:
                    text = await response.text()
                    if response.status != 200:
                        enough = response.headers.get("X-Slack-No-Retry") == "1"
                        raise DispatchFailed("" if enough else "http_error")
        except aiohttp.ClientError as error:
            raise DispatchFailed("connection_failed") from error
        return ack_body(text)


def _body(kind: str, payload: Json) -> tuple[str, str]:
    """The body and its type: events are JSON, the rest are forms."""
    if kind == "event":
        return json.dumps(payload), "application/json"
    fields = payload if kind == "command" else {"payload": json.dumps(payload)}
    return urlencode(fields), "application/x-www-form-urlencoded"
