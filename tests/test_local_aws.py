"""The local AWS keeps AWS's rules where the page and the bot lean on them, and fails on demand."""

import contextlib
import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from people import until

from local import aws as local_aws
from local.aws import Aws
from local.denials import Denial
from local.loopback import request
from local.process import ChildError

ROOT = Path(__file__).parent.parent
ONCE = {"If-None-Match": "*"}


@pytest.fixture
def calm(aws: Aws) -> Iterator[Aws]:
    """The local AWS, on which nothing goes wrong any more after the test."""
    yield aws
    aws.faults.clear()


def signed_put(aws: Aws, key: str, *, as_bot: bool = True, **params: str) -> str:
    """A presigned PUT for the host that browsers use."""
    s3 = aws.client(
        "s3", as_bot=as_bot, signature_version="s3v4", s3={"addressing_style": "virtual"}
    )
    target = {"Bucket": aws.outputs["UploadBucket"], "Key": key, "IfNoneMatch": "*", **params}
    url: str = s3.generate_presigned_url("put_object", Params=target, HttpMethod="PUT")
    assert url.startswith(aws.outputs["UploadOrigin"] + "/")
    return url


def stored(aws: Aws, key: str) -> bytes | None:
    """What lies at the key."""
    s3 = aws.client("s3")
    listed = s3.list_objects_v2(Bucket=aws.outputs["UploadBucket"], Prefix=key)
    if not listed["KeyCount"]:
        return None
    body: bytes = s3.get_object(Bucket=aws.outputs["UploadBucket"], Key=key)["Body"].read()
    return body


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 200, b""),
        ({"Content-Type": "text/x", "Content-Disposition": "attachment"}, 200, b""),
        ({"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}, 200, b""),
        ({"x-amz-meta-a": "b"}, 403, b"<HeadersNotSigned>x-amz-meta-a</HeadersNotSigned>"),
        ({"x-amz-storage-class": "GLACIER"}, 403, b"<Code>AccessDenied</Code>"),
        ({"X-Amz-Acl": "public-read"}, 403, b"<HeadersNotSigned>x-amz-acl</HeadersNotSigned>"),
        ({"If-None-Match": ""}, 403, b"<Code>SignatureDoesNotMatch</Code>"),
    ],
)
def test_headers_that_were_not_signed(
    aws: Aws, headers: dict[str, str], status: int, code: bytes
) -> None:
    """Whoever uses a link may add headers of HTTP, but none of S3's, and must send those signed."""
    key = f"uploads/headers/{time.monotonic_ns()}"
    answer = request("PUT", signed_put(aws, key), headers=ONCE | headers, body=b"x")
    assert (answer.status, code in answer.body) == (status, True), answer
    assert (stored(aws, key) is not None) == (status == 200)


def test_a_key_is_written_once(aws: Aws) -> None:
    """The second PUT with the same link gets 412, and the first file stays."""
    url = signed_put(aws, "uploads/once")
    answers = [request("PUT", url, headers=ONCE, body=body).status for body in (b"1", b"2")]
    assert answers == [200, 412]
    assert stored(aws, "uploads/once") == b"1"


@pytest.mark.parametrize(
    ("status", "code"),
    [(503, "SlowDown"), (409, "ConditionalRequestConflict"), (500, "InternalError")],
)
def test_an_error_on_demand(calm: Aws, status: int, code: str) -> None:
    """A page can read an error that was asked for, and the next try meets honest S3 again."""
    calm.faults.add(method="PUT", path=r"/uploads/", times=1, status=status, code=code)
    url = signed_put(calm, f"uploads/error/{status}")
    headers = ONCE | {"Origin": calm.page_url}
    first = request("PUT", url, headers=headers, body=b"x" * 300_000)
    assert (first.status, f"<Code>{code}</Code>".encode() in first.body) == (status, True)
    assert first.headers["access-control-allow-origin"] == calm.page_url
    assert calm.faults.left() == []
    assert request("PUT", url, headers=headers, body=b"x").status == 200


def test_an_error_on_demand_for_strangers(calm: Aws) -> None:
    """An error shows itself to no page but ours, as S3's own do not."""
    calm.faults.add(path=r"/uploads/")
    answer = request(
        "PUT",
        signed_put(calm, "uploads/stranger"),
        headers=ONCE | {"Origin": "http://elsewhere.localhost"},
        body=b"x",
    )
    assert answer.status == 503
    assert "access-control-allow-origin" not in answer.headers


def test_an_error_of_a_json_service(calm: Aws) -> None:
    """DynamoDB's errors are raised by boto3 under their own names."""
    calm.faults.add(target=r"GetItem$", status=400, code="ThrottlingException", times=9)
    table = calm.client("dynamodb", retries={"total_max_attempts": 1})
    with pytest.raises(table.exceptions.ThrottlingException):
        table.get_item(
            TableName=calm.outputs["LinkTable"], Key={"pk": {"S": "a"}, "sk": {"S": "b"}}
        )


def test_a_lost_answer(calm: Aws) -> None:
    """The file is stored, though nobody is told."""
    calm.faults.lose_answer(method="PUT", path=r"/uploads/lost")
    url = signed_put(calm, "uploads/lost")
    with pytest.raises((OSError, http.client.HTTPException)):
        request("PUT", url, headers=ONCE, body=b"there")
    assert stored(calm, "uploads/lost") == b"there"
    assert request("PUT", url, headers=ONCE, body=b"again").status == 412


def test_a_broken_line(calm: Aws) -> None:
    """The connection ends within the body, nothing is stored, and the next try succeeds."""
    calm.faults.hang_up(method="PUT", path=r"/uploads/broken", after=100_000)
    url = signed_put(calm, "uploads/broken")
    with pytest.raises((OSError, http.client.HTTPException)):
        request("PUT", url, headers=ONCE, body=b"x" * 5_000_000)
    assert stored(calm, "uploads/broken") is None
    assert request("PUT", url, headers=ONCE, body=b"x").status == 200


def test_an_answer_that_says_otherwise(calm: Aws) -> None:
    """All is done, and the headers or the status are others; what is skipped is honest."""
    date = "Wed, 25 Nov 2026 10:00:00 GMT"
    calm.faults.amend(
        method="GET", path="^/$", skip=1, headers={"date": date, "x-frame-options": ""}
    )
    honest, amended = (request("GET", calm.page_url).headers for _ in range(2))
    assert honest["date"] != date
    assert honest["x-frame-options"] == "DENY"
    assert amended["date"] == date
    assert "x-frame-options" not in amended
    url = signed_put(calm, "uploads/amended")
    calm.faults.amend(method="PUT", path=r"/uploads/amended", status=503)
    assert request("PUT", url, headers=ONCE, body=b"there").status == 503
    assert stored(calm, "uploads/amended") == b"there"


def test_a_slow_line(calm: Aws) -> None:
    """The body is taken no faster than it was asked."""
    calm.faults.slow(method="PUT", path=r"/uploads/slow", rate=1_000_000)
    begun = time.monotonic()
    url = signed_put(calm, "uploads/slow")
    assert request("PUT", url, headers=ONCE, body=b"x" * 500_000).status == 200
    assert time.monotonic() - begun >= 0.5


def test_whoever_goes_after_the_last_byte(calm: Aws) -> None:
    """What was sent to its end is stored, although nobody waits for the answer."""
    calm.faults.slow(method="PUT", path=r"/uploads/gone", rate=50_000)
    url = urlsplit(signed_put(calm, "uploads/gone"))
    line = http.client.HTTPConnection("127.0.0.1", url.port or 80)

    def body() -> Iterator[bytes]:
        yield b"x" * 20_000
        time.sleep(0.1)  # the first half is being taken, and the second waits for its turn
        yield b"x" * 20_000

    how = {"Host": url.netloc, "Content-Length": "40000", **ONCE}
    line.request("PUT", f"{url.path}?{url.query}", body(), how)
    line.close()
    until(lambda: stored(calm, "uploads/gone") == b"x" * 40_000, seconds=5)


def test_a_denial_is_noted(calm: Aws) -> None:
    """Whose right was missing, and which; and nothing of what was refused for another reason."""
    # No bot asks for that.
    calm.faults.add(target=r"DescribeLimits$", status=400, code="AccessDeniedException")
    table, s3 = calm.client("dynamodb", as_twin=True), calm.client("s3", as_twin=True)
    before = calm.denials
    with pytest.raises(table.exceptions.ClientError, match="AccessDenied"):
        table.describe_limits()
    assert request("PUT", signed_put(calm, "uploads/denied") + "0", headers=ONCE).status == 403
    assert calm.denials == before
    for call, key in ((s3.get_object, "denied"), (s3.head_object, "asked")):
        with pytest.raises(s3.exceptions.ClientError):
            call(Bucket=calm.outputs["PageBucket"], Key=key)
    where = f"arn:aws:s3:::{calm.outputs['PageBucket']}"
    assert calm.denials[len(before) :] == [
        Denial(calm.twin_key[0], "s3:GetObject", f"{where}/{key}") for key in ("denied", "asked")
    ]


def test_a_taken_port_is_named() -> None:
    """A port that somebody else has is said in so many words."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(ChildError, match=f"Port {port} cannot be used: Address"),
            local_aws.running(port=port),
        ):
            pass


def test_it_dies_with_whoever_started_it() -> None:
    """Not even SIGKILL leaves a server behind."""
    with subprocess.Popen(
        [sys.executable, "-c", STARTER], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout
        endpoint = urlsplit(starter.stdout.readline().strip())
        with socket.create_connection(("127.0.0.1", endpoint.port or 0)) as connection:
            starter.kill()
            connection.settimeout(10)
            with contextlib.suppress(ConnectionResetError):  # how a server ends, if it was busy
                assert connection.recv(1) == b""


STARTER = """
import local.aws, signal
with local.aws.running() as aws:
    print(aws.endpoint, flush=True)
    signal.pause()
"""
