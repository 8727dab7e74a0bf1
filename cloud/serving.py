"""What the distribution serves: asked as a browser asks, until it is the newest page."""

import time
from collections.abc import Iterator

import urllib3

from cloud.web import Web

#: Seconds for one answer.
_TIMEOUT = 10.0


def wait_until_served(url: str, body: bytes, patience: float, every: float = 2.0) -> Iterator[str]:
    """Fetch `url` until its body is this one, as it was stored.

    Yields why it is not yet, each time something else is in the way. Raises
    `TimeoutError` with the last of these after `patience` seconds.
    """
    web, until, told = Web(_TIMEOUT), time.monotonic() + patience, ""
    while (why := _why_not(web, url, body)) is not None:
        if why != told:
            yield why
        told = why
        if time.monotonic() > until:
            raise TimeoutError(why)
        time.sleep(every)


def _why_not(web: Web, url: str, body: bytes) -> str | None:
    try:
        answer = web.request("GET", url, headers={"Accept-Encoding": "br"}, decode_content=False)
    except urllib3.exceptions.HTTPError as error:
        return f"no answer ({type(error).__name__})"
    if answer.status != 200:
        return f"status {answer.status}"
    return None if answer.data == body else "another page"
