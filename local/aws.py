"""The local AWS, running: the stack deployed, the page published, the bot's own key made."""

import http.client
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import boto3.session
from botocore.config import Config

from cloud.page import PAGE, assemble
from cloud.publish import publish
from cloud.stack import deploy
from local.faults import CONTROL_PATH, Fault

REGION = "eu-central-1"
STACK = "upload-link"

_ROOT = Path(__file__).parent.parent
_SERVER = Path(__file__).with_name("ministack.py")


class NotStarted(Exception):
    """The local AWS did not start. The text is its own last words."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer as a browser would have got it; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def request(
    method: str, url: str, *, headers: Mapping[str, str] | None = None, body: Any = None
) -> Response:
    """Ask any host under `localhost`, as browsers do, where Python's resolver knows only the last.

    Follows no redirect. Raises `OSError` or `http.client.HTTPException` where no answer comes.
    """
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "") or "/"
    connection = http.client.HTTPConnection("127.0.0.1", parts.port or 80, timeout=60)
    try:
        connection.request(method, target, body, {"Host": parts.netloc, **(headers or {})})
        answer = connection.getresponse()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return Response(answer.status, names, answer.read())
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class Faults:
    """What is to go wrong next; see `local.faults.Fault` for the words."""

    endpoint: str

    def add(self, *, method: str = "", path: str = "", times: int = 1, **error: Any) -> None:
        """Answer with an error (`status`, `code`, `message`, `headers`) and do nothing."""
        self._post(Fault(what="answer", method=method, path=path, times=times, **error))

    def lose_answer(self, *, method: str = "", path: str = "", times: int = 1) -> None:
        """Do what is asked, and end the connection without an answer."""
        self._post(Fault(what="lose answer", method=method, path=path, times=times))

    def hang_up(
        self, *, method: str = "", path: str = "", times: int = 1, after: int = 0
    ) -> None:
        """Cut the connection after so many bytes of the body."""
        self._post(Fault(what="hang up", method=method, path=path, times=times, after=after))

    def slow(self, *, rate: int, method: str = "", path: str = "", times: int = 1) -> None:
        """Take the body at `rate` bytes per second."""
        self._post(Fault(what="slow", method=method, path=path, times=times, rate=rate))

    def left(self) -> list[dict[str, Any]]:
        """The faults that have not happened yet."""
        left: list[dict[str, Any]] = json.loads(self._control("GET").body)
        return left

    def clear(self) -> None:
        """Let nothing more go wrong."""
        self._control("DELETE")

    def _post(self, fault: Fault) -> None:
        self._control("POST", json.dumps(fault.as_json()))

    def _control(self, method: str, body: str = "") -> Response:
        return request(method, self.endpoint + CONTROL_PATH, body=body)


@dataclass(frozen=True, slots=True)
class Aws:
    """A running local AWS. `bot_env` is what the bot is told of it, its own key included."""

    endpoint: str
    region: str
    outputs: Mapping[str, str]
    page_url: str
    bot_env: Mapping[str, str]
    root_key: tuple[str, str]

    @property
    def faults(self) -> Faults:
        """What is to go wrong next."""
        return Faults(self.endpoint)

    def client(self, service: str, *, as_bot: bool = False, **config: Any) -> Any:
        """A client that may do anything, or only what the bot may.

        Signatures of root are not checked by MiniStack: what a test says about
        permissions, it must say with `as_bot`. `config` goes to botocore's Config.
        """
        key = self.root_key
        if as_bot:
            key = self.bot_env["AWS_ACCESS_KEY_ID"], self.bot_env["AWS_SECRET_ACCESS_KEY"]
        return _client(service, self.endpoint, self.region, key, **config)

    request = staticmethod(request)


@contextmanager
def running(*, port: int = 0, progress: Callable[[str], None] = lambda _: None) -> Iterator[Aws]:
    """Start the local AWS on a port of 127.0.0.1 (0: any that is free), and stop it afterwards.

    `progress` is told, in a few words each, what is being done. Raises
    `NotStarted`, or `cloud.stack.StackError` if the template does not deploy.
    """
    root_key = "AKIA" + secrets.token_hex(8).upper(), secrets.token_urlsafe(30)
    progress("Starting the local AWS")
    with _server(port, root_key) as endpoint:

        def client(service: str) -> Any:
            return _client(service, endpoint, REGION, root_key)

        progress("Deploying cloud/template.yaml")
        outputs = _deploy(client("cloudformation"), urlsplit(endpoint).netloc)
        progress("Publishing the page")
        publish(
            client("s3"),
            client("cloudfront"),
            bucket=outputs["PageBucket"],
            distribution_id=outputs["DistributionId"],
            assets=assemble(PAGE, upload_prefix=outputs["UploadOrigin"] + "/uploads/"),
        )
        bot_env = {
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": endpoint,
            **_bot_key(client("iam"), outputs["BotPolicyArn"]),
            "UPLOAD_BUCKET": outputs["UploadBucket"],
            "PAGE_URL": outputs["PageUrl"],
            "EVENT_QUEUE_URL": outputs["EventQueueUrl"],
            "LINK_TABLE": outputs["LinkTable"],
        }
        yield Aws(endpoint, REGION, outputs, outputs["PageUrl"], bot_env, root_key)


def _deploy(cloudformation: Any, netloc: str) -> dict[str, str]:
    """Deploy twice: what browsers call the page and the bucket here is known only after the first.

    In AWS both have names of their own; here they are names under `localhost`.
    """
    first = deploy(cloudformation, STACK, every=0.1)
    label = urlsplit(first["PageUrl"]).netloc.removesuffix(".cloudfront.net")
    origins = {
        "PageOrigin": f"http://{label}.cloudfront.{netloc}",
        "UploadOrigin": f"http://{first['UploadBucket']}.{netloc}",
    }
    return deploy(cloudformation, STACK, origins, every=0.1)


def _bot_key(iam: Any, policy: str) -> dict[str, str]:
    """An access key that may do what the template's policy says, and nothing else."""
    iam.create_user(UserName="bot")
    iam.attach_user_policy(UserName="bot", PolicyArn=policy)
    key = iam.create_access_key(UserName="bot")["AccessKey"]
    return {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }


def _client(service: str, endpoint: str, region: str, key: tuple[str, str], **config: Any) -> Any:
    return boto3.session.Session(*key, region_name=region).client(  # type: ignore[call-overload]
        service, endpoint_url=endpoint, config=Config(**config)
    )


@contextmanager
def _server(port: int, root_key: tuple[str, str]) -> Iterator[str]:
    """Run local/ministack.py, and yield its endpoint. It ends with its input, as ours must."""
    uv = os.environ.get("UV", "uv")  # noqa: TID251 -- `uv run` says here which uv it is
    env = dict(os.environ)  # noqa: TID251 -- handed on, not read
    env |= {
        "AWS_ACCESS_KEY_ID": root_key[0],
        "AWS_SECRET_ACCESS_KEY": root_key[1],
        "MINISTACK_REGION": REGION,
        # The script shares its name with the package that it imports, and needs local.guard.
        "PYTHONSAFEPATH": "1",
        "PYTHONPATH": str(_ROOT),
    }
    command = [uv, "run", "--quiet", "--locked", "--script", str(_SERVER), str(port)]
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=env,
            # Ctrl-C reaches us alone; we end it when whoever uses it has finished.
            start_new_session=True,
        ) as process,
    ):
        try:
            yield f"http://localhost:{_port(process, log)}"
        finally:
            process.stdin.close()  # type: ignore[union-attr]
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)


def _port(process: subprocess.Popen[bytes], log: IO[bytes]) -> int:
    line = process.stdout.readline()  # type: ignore[union-attr]
    if not line:
        process.wait()
        log.seek(0)
        raise NotStarted(f"The local AWS did not start.\n{log.read().decode().strip()}")
    port: int = json.loads(line)["port"]
    return port


def main() -> None:
    """Run the local AWS until the input ends, and print the bot's environment."""
    with running(progress=print) as aws:
        print("\n".join(f"{name}={value}" for name, value in aws.bot_env.items()))
        sys.stdin.read()


if __name__ == "__main__":
    main()
