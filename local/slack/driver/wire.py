"""The control API, asked over HTTP."""

import http.client
import json
from urllib.parse import urlencode, urlsplit

from local.slack.driver.seen import Json

#: Longer than any act takes: three seconds to acknowledge, and a slow machine.
_PATIENCE = 60.0


class Refused(Exception):
    """Slack would not let this person do it; the text is its error code."""


class Wire:
    """A running local Slack, at its address."""

    def __init__(self, url: str) -> None:
        self.url = url

    def _post(self, path: str, ask: Json) -> Json:
        headers = {"Content-Type": "application/json"}
        return self._ask("POST", f"/control/{path}", json.dumps(ask), headers)

    def _get(self, path: str, **query: object) -> Json:
        return self._ask("GET", f"/control/{path}?{urlencode(query)}", None, {})

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Json:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=_PATIENCE)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        if response.status != 200:
            raise Refused(json.loads(text)["error"] if text.startswith("{") else text)
        answer: Json = json.loads(text)
        return answer
