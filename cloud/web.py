"""The web as the environment has it: straight, or through a proxy."""

from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3


class Web:
    """Asks servers over HTTP. It may be shared by threads. Nothing is tried twice.

    It keeps to HTTPS_PROXY, HTTP_PROXY and NO_PROXY as the clients of AWS and Slack do:
    what goes another way than theirs finds out nothing about them.
    """

    def __init__(self, timeout: float) -> None:
        """`timeout` is in seconds, for each answer."""
        self._how: dict[str, Any] = {"timeout": timeout, "retries": False, "maxsize": 4}
        self._ways: dict[str, urllib3.PoolManager] = {}

    def request(self, method: str, url: str, **more: Any) -> urllib3.BaseHTTPResponse:
        """Ask once. A redirect is an answer. Raises `urllib3.exceptions.HTTPError`."""
        asked = urlsplit(url)
        proxies = {} if proxy_bypass(asked.hostname or "") else getproxies()
        return self._way(proxies.get(asked.scheme, "")).request(method, url, redirect=False, **more)

    def _way(self, proxy: str) -> urllib3.PoolManager:
        if proxy not in self._ways:
            self._ways[proxy] = self._made(proxy)
        return self._ways[proxy]

    def _made(self, proxy: str) -> urllib3.PoolManager:
        if not proxy:
            return urllib3.PoolManager(**self._how)
        at = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        headers = None
        if at.username is not None:
            who = f"{unquote(at.username)}:{unquote(at.password or '')}"
            headers = urllib3.make_headers(proxy_basic_auth=who)
        bare = at._replace(netloc=at.netloc.rpartition("@")[2]).geturl()
        return urllib3.ProxyManager(bare, proxy_headers=headers, **self._how)
