"""A second S3, by other hands: SeaweedFS, with one bucket as the template makes it.

What is tested against both cannot be one emulator's habit. It has no queues and
no CloudFront, and answers a preflight in its own way.
"""

import json
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.aws import NotStarted

REGION = "eu-central-1"

# `weed` listens for gRPC on ports of its own, so each service has two.
_SERVICES = ("master", "volume", "filer", "s3")


@dataclass(frozen=True, slots=True)
class SeaweedFs:
    """A running SeaweedFS: path style at `endpoint`, and `http://BUCKET.localhost:PORT` too."""

    endpoint: str
    region: str
    bucket: str
    key: tuple[str, str]

    def client(self, **config: Any) -> Any:
        """An S3 client; `config` goes to botocore's Config."""
        session = boto3.session.Session(*self.key, region_name=self.region)
        return session.client("s3", endpoint_url=self.endpoint, config=Config(**config))


@contextmanager
def running(*, page_origin: str = "http://page.localhost") -> Iterator[SeaweedFs]:
    """Start it with one empty bucket that pages of `page_origin` may upload to; stop it after.

    Raises `NotStarted`.
    """
    ports = dict(zip([*_SERVICES, *(f"{name}.grpc" for name in _SERVICES)], _ports(), strict=True))
    endpoint = f"http://localhost:{ports['s3']}"
    key = secrets.token_hex(10).upper(), secrets.token_urlsafe(30)
    found = SeaweedFs(endpoint, REGION, "uploads-bucket", key)
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w+b") as log:
        settings = Path(folder) / "s3.json"
        settings.write_text(json.dumps(_identity(key)))
        with subprocess.Popen(
            # It is killed, as it takes 15 seconds to leave; and also when whoever started it
            # is gone, which ends our input.
            ["sh", "-c", '"$@" & cat >/dev/null; kill -9 $!', "weed"]
            + _command(folder, settings, ports),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        ) as process:
            try:
                _make_bucket(found, page_origin, lambda: Path(log.name).read_text()[-2000:])
                yield found
            finally:
                process.stdin.close()  # type: ignore[union-attr]
                process.wait()


def _ports() -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(closing(socket.socket())) for _ in _SERVICES * 2]
        for free in sockets:
            free.bind(("127.0.0.1", 0))
        return [free.getsockname()[1] for free in sockets]


def _identity(key: tuple[str, str]) -> dict[str, Any]:
    credentials = [{"accessKey": key[0], "secretKey": key[1]}]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    return {"identities": [{"name": "bot", "credentials": credentials, "actions": actions}]}


def _command(folder: str, settings: Path, ports: dict[str, int]) -> list[str]:
    weed = shutil.which("weed", path=str(Path(sys.executable).parent)) or "weed"
    # fmt: off
    return [
        weed, "-logtostderr=true", "server", f"-dir={folder}",
        "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3",
        *(f"-{name.replace('.', '.port.', 1) if '.' in name else name + '.port'}={port}"
          for name, port in ports.items()),
        f"-s3.config={settings}", "-s3.domainName=localhost", "-s3.allowedOrigins=https://none.invalid",
        "-s3.port.iceberg=0", "-s3.port.lance=0",
        "-master.telemetry=false", "-master.volumeSizeLimitMB=1024", "-volume.max=0",
        # A cluster of one need not wait for others: 3 seconds to the first write, not 8.
        "-master.electionTimeout=1s", "-master.heartbeatInterval=100ms", "-volume.preStopSeconds=0",
    ]
    # fmt: on


def _make_bucket(found: SeaweedFs, page_origin: str, last_words: Callable[[], str]) -> None:
    s3 = found.client(retries={"total_max_attempts": 1}, connect_timeout=1, read_timeout=5)
    until = time.monotonic() + 60
    while not _answers(s3, found.bucket):
        if time.monotonic() > until:
            raise NotStarted(f"SeaweedFS did not start.\n{last_words()}")
        time.sleep(0.1)
    rule = {
        "AllowedOrigins": [page_origin],
        "AllowedMethods": ["PUT", "HEAD"],
        "AllowedHeaders": ["content-type", "content-disposition", "if-none-match"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 7200,
    }
    s3.put_bucket_cors(Bucket=found.bucket, CORSConfiguration={"CORSRules": [rule]})


def _answers(s3: Any, bucket: str) -> bool:
    """Whether it keeps objects yet: it makes the bucket some time before it can fill it."""
    try:
        with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
            s3.create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
            )
        s3.put_object(Bucket=bucket, Key="ready", Body=b"")
        s3.delete_object(Bucket=bucket, Key="ready")
    except (BotoCoreError, ClientError):
        return False
    return True
