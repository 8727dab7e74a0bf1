"""The way to the page and the bucket, for the commands that look at both from where they run."""

import base64
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from cloud.web import Web

FAR = "http://bucket.example/uploads/1"


class Proxy(BaseHTTPRequestHandler):
    """Answers itself whatever it is to fetch, and says what that was and for whom."""

    def do_GET(self) -> None:
        who = self.headers.get("Proxy-Authorization", "nobody")
        body = f"{self.path} for {who}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its address, where nothing else in the environment speaks of proxies."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def said(url: str) -> str:
    return Web(5).request("GET", url).data.decode()


def test_the_proxy_of_the_environment_is_asked(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With or without its scheme, and by name where it wants one."""
    for address in (proxy, f"http://{proxy}"):
        monkeypatch.setenv("http_proxy", address)
        assert said(FAR) == f"{FAR} for nobody"
    monkeypatch.setenv("http_proxy", f"http://mei:a%20b@{proxy}")
    known = base64.b64encode(b"mei:a b").decode()
    assert said(FAR) == f"{FAR} for Basic {known}"


def test_what_it_is_not_for_is_asked_directly(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts that NO_PROXY names, and everything where there is none."""
    here = f"http://{proxy}/page"
    assert said(here) == "/page for nobody"
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert said(here) == "/page for nobody"
