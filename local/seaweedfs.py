"""A second S3, by other hands: SeaweedFS, with one bucket as the template makes it.

What is tested against both cannot be one emulator's habit. It has no queues and
no CloudFront, and answers a preflight in its own way.
"""

import json
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.clients import session
from local.process import ChildError, child

REGION = "eu-central-1"

#: The flags for the ports it listens on; each service has a second one, for gRPC.
_PORTS = [
    f"{name}.port{two}" for name in ("master", "volume", "filer", "s3") for two in ("", ".grpc")
]


@dataclass(frozen=True, slots=True)
class SeaweedFs:
    """A running SeaweedFS: path style at `endpoint`, and `http://BUCKET.localhost:PORT` too."""

    endpoint: str
    region: str
    bucket: str
    key: tuple[str, str]

    def client(self, **config: Any) -> Any:
        """An S3 client; `config` goes to botocore's Config."""
        made = session(*self.key, region=self.region)
        return made.client("s3", endpoint_url=self.endpoint, config=Config(**config))


@contextmanager
def running(*, page_origin: str = "http://page.localhost") -> Iterator[SeaweedFs]:
    """Start it with one empty bucket that pages of `page_origin` may upload to; stop it after.

    Raises `ChildError`.
    """
    ports = _free_ports()
    key = secrets.token_hex(10).upper(), secrets.token_urlsafe(30)
    found = SeaweedFs(f"http://localhost:{ports['s3.port']}", REGION, "uploads-bucket", key)
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "s3.json").write_text(json.dumps(_identity(key)))
        command = _command(folder, ports)
        # It takes 15 seconds to leave, and has nothing to leave behind.
        with child("SeaweedFS", command, env={}, log=folder / "log", patience=0) as weed:
            weed.wait_for("Start Seaweed S3 API Server", seconds=60)
            s3 = found.client(retries={"total_max_attempts": 1})
            for _ in range(300):
                if _keeps(s3, found.bucket):
                    break
                time.sleep(0.1)
            else:
                raise ChildError(f"SeaweedFS keeps nothing:\n{weed.said()[-2000:]}")
            s3.put_bucket_cors(Bucket=found.bucket, CORSConfiguration=_cors(page_origin))
            yield found


def _free_ports() -> dict[str, int]:
    with ExitStack() as held:
        sockets = {flag: held.enter_context(closing(socket.socket())) for flag in _PORTS}
        for free in sockets.values():
            free.bind(("127.0.0.1", 0))
        return {flag: free.getsockname()[1] for flag, free in sockets.items()}


def _identity(key: tuple[str, str]) -> dict[str, Any]:
    credentials = [{"accessKey": key[0], "secretKey": key[1]}]
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    return {"identities": [{"name": "bot", "credentials": credentials, "actions": actions}]}


def _command(folder: Path, ports: dict[str, int]) -> list[str]:
    weed = shutil.which("weed", path=str(Path(sys.executable).parent)) or "weed"
    # fmt: off
    return [
        weed, "-logtostderr=true", "server", f"-dir={folder}",
        "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3",
        *(f"-{flag}={port}" for flag, port in ports.items()),
        f"-s3.config={folder / 's3.json'}", "-s3.domainName=localhost",
        "-s3.allowedOrigins=https://none.invalid", "-s3.port.iceberg=0", "-s3.port.lance=0",
        "-master.telemetry=false", "-master.volumeSizeLimitMB=1024", "-volume.max=0",
        # A cluster of one need not wait for others: 3 seconds to the first write, not 8.
        "-master.electionTimeout=1s", "-master.heartbeatInterval=100ms", "-volume.preStopSeconds=0",
    ]
    # fmt: on


def _cors(page_origin: str) -> dict[str, Any]:
    rule = {
        "AllowedOrigins": [page_origin],
        "AllowedMethods": ["PUT", "HEAD", "GET", "POST", "DELETE"],
        "AllowedHeaders": ["content-type", "content-disposition", "if-none-match"],
        "ExposeHeaders": ["ETag", "content-disposition"],
        "MaxAgeSeconds": 7200,
    }
    return {"CORSRules": [rule]}


def _keeps(s3: Any, bucket: str) -> bool:
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
