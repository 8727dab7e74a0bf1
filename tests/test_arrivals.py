"""Events as they come through the queue: every envelope, and everything that is no arrival."""

import json
from typing import Any

import pytest

from uploads.arrivals import Arrival, Gone, Ignored, Probe, read
from uploads.disposition import original_name, sitting_mark
from uploads.errors import Unreadable
from uploads.links import CoverId, FileId
from uploads.untrusted import file_name, plain, plain_lines

LINK = "0123456789abcdef" * 2
KEY = f"uploads/2026/11/24/{LINK}/1"
OURS = Arrival(FileId(LINK, 1), KEY)


def s3(key: str = KEY, event: str = "ObjectCreated:Put", bucket: str = "b") -> dict[str, Any]:
    what = {"bucket": {"name": bucket}, "object": {"key": key, "size": 1, "sequencer": "00"}}
    return {"Records": [{"eventVersion": "2.3", "eventName": event, "s3": what}]}


def eventbridge(kind: str = "Object Created", key: str = KEY) -> dict[str, Any]:
    detail = {"bucket": {"name": "b"}, "object": {"key": key, "size": 1}, "reason": "PutObject"}
    return {"detail-type": kind, "source": "aws.s3", "detail": detail}


def sns(inner: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "Notification", "MessageId": "1", "Message": json.dumps(inner)}


@pytest.mark.parametrize(
    "message",
    [
        s3(),
        s3(event="ObjectCreated:CompleteMultipartUpload"),
        s3(event="s3:ObjectCreated:Put"),
        s3(key=KEY.replace("/", "%2F")),
        eventbridge(),
        sns(s3()),
        sns(eventbridge()),
    ],
    ids=lambda m: json.dumps(m)[:40],
)
def test_finds_the_arrival_in_every_envelope(message: dict[str, Any]) -> None:
    """S3's own event, EventBridge's, and both inside SNS name the same file."""
    assert read(json.dumps(message), "b") == [OURS]


@pytest.mark.parametrize(
    "message",
    [
        s3(event="ObjectRemoved:Delete"),
        s3(event="ObjectRemoved:DeleteMarkerCreated"),
        s3(event="s3:ObjectRemoved:DeleteMarkerCreated"),
        s3(event="LifecycleExpiration:Delete"),
        s3(event="LifecycleExpiration:DeleteMarkerCreated"),
        eventbridge("Object Deleted"),
        sns(s3(event="ObjectRemoved:Delete")),
    ],
    ids=lambda m: json.dumps(m)[:40],
)
def test_finds_what_is_gone_in_every_envelope(message: dict[str, Any]) -> None:
    """By hand or by a lifecycle rule, for good or under a marker."""
    assert read(json.dumps(message), "b") == [Gone(FileId(LINK, 1), KEY)]


def test_a_probe_is_answered_once() -> None:
    """Its arrival is a question, its removal nothing to anybody; no other key beside it is one."""
    key = f"uploads/doctor/{LINK}"
    assert read(json.dumps(s3(key=key)), "b") == [Probe(LINK)]
    gone = s3(key=key, event="ObjectRemoved:Delete")
    assert read(json.dumps(gone), "b") == [Ignored("a probe that is over")]
    assert read(json.dumps(s3(key=key + "/1")), "b") == [Ignored("no key of a link")]
    assert read(json.dumps(s3(key=key, bucket="other")), "b") == [Ignored("another bucket")]


def test_tells_a_cover_note_from_a_file() -> None:
    """It lies beside the files, in a folder of its own."""
    key = KEY.removesuffix("1") + "cover/20"
    assert read(json.dumps(s3(key=key)), "b") == [Arrival(CoverId(LINK, 20), key)]


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}, "S3's test event"),
        (sns({"Service": "Amazon S3", "Event": "s3:TestEvent"}), "S3's test event"),
        (s3(bucket="other"), "another bucket"),
        (s3(key="uploads/2026/11/24/"), "a folder marker"),
        (s3(event="ObjectTagging:Put"), "ObjectTagging:Put is neither a creation nor a removal"),
        (
            eventbridge("Object Tags Added"),
            "Object Tags Added is neither a creation nor a removal",
        ),
        (s3(key="uploads/readme.txt"), "no key of a link"),
        (s3(key=f"uploads/2026/11/24/{LINK}/0"), "no key of a link"),
        (s3(key=f"uploads/2026/11/24/{LINK}/1/2"), "no key of a link"),
        (s3(key=f"uploads/2026/11/24/{LINK}/10000"), "no key of a link"),
        (s3(key=f"uploads/2026/11/24/{LINK}/cover/"), "a folder marker"),
        (s3(key=f"uploads/2026/11/24/{LINK}/cover/0"), "no key of a link"),
        (s3(key=f"uploads/2026/11/24/{LINK.upper()}/1"), "no key of a link"),
        (s3(key="uploads/2026/11/24/AbCdEfGhIjKlMnOpQrSt_-/1"), "no key of a link"),
        (s3(key=f"elsewhere/{KEY}"), "no key of a link"),
    ],
)
def test_ignores_what_is_no_arrival(message: dict[str, Any], why: str) -> None:
    """Foreign events do no harm, and say why they were passed over."""
    assert read(json.dumps(message), "b") == [Ignored(why)]


@pytest.mark.parametrize(
    "body",
    ["", "nonsense", "[]", "{}", '"text"', '{"Records": [{}]}', '{"Type": "Notification"}', "null"],
)
def test_what_nobody_can_read_is_not_thrown_away(body: str) -> None:
    """It raises, so that the message ends in the dead-letter queue and not in the void."""
    with pytest.raises(Unreadable):
        read(body, "b")


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("attachment; filename*=UTF-8''%E6%9C%88%E6%AC%A1%E5%A0%B1%E5%91%8A.xlsx", "月次報告.xlsx"),
        ("attachment; filename*=utf-8''a%20b%27s%20%22c%22.txt", 'a b\'s "c".txt'),
        ('attachment; filename="plain.pdf"', "plain.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\Users\\\\ann\\\\Q3.pdf"', "Q3.pdf"),
        ('attachment; filename="' + "日本.txt".encode().decode("latin-1") + '"', "日本.txt"),
        ("attachment; filename*=UTF-8''%E2%80%AEfdp.exe", "fdp.exe"),
        ("attachment; filename*=UTF-8''%3C%21channel%3E.txt", "<!channel>.txt"),
        ("attachment", ""),
        ("", ""),
        ("nonsense;;;=", ""),
        ("attachment; filename*=UTF-8''%FF%FE", "��"),
        ("attachment; filename*=UTF-8''%C3%83%C2%A9.txt", "Ã©.txt"),
        ("attachment; filename*=undefined''x", ""),
        ("attachment; filename*=idna''x", ""),
        ("attachment; filename*=zlib''x", "x"),
        ("attachment; filename*" + "9" * 5000 + "=x", ""),
        ("attachment; filename*0=a; filename*1=b", "ab"),
        ("attachment; filename*='", "'"),
    ],
)
def test_the_name_survives_the_header(header: str, name: str) -> None:
    """A Content-Disposition gives the original name back, and never a path or a trick."""
    assert original_name(header) == name


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Q3\n\treport\x00 ", "Q3 report"),
        ("a\u202etxt.exe", "atxt.exe"),
        ("  \u3000 ", ""),
        ("👩‍💻 ok", "👩‍💻 ok"),
        ("x" * 50, "x" * 39 + "…"),
    ],
)
def test_strangers_text_is_one_plain_line(typed: str, shown: str) -> None:
    """No control, direction or line characters, and no more than asked for."""
    assert plain(typed, 40) == shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a\r\nb\tc", "a\nb c"),
        ("a\n\n\n\n\nb\n\n", "a\n\nb"),
        ("\u202egnp.exe\u2028b", "gnp.exe\nb"),
        ("x\n" * 40, ("x\n" * 20)[:39].rstrip() + "…"),
    ],
)
def test_a_strangers_note_keeps_its_lines_and_no_more(typed: str, shown: str) -> None:
    """At most one empty line between two, and no more characters than asked for."""
    assert plain_lines(typed, 40) == shown


@pytest.mark.parametrize(
    ("header", "mark"),
    [
        ("attachment; filename*=UTF-8''a; mark=k3m9x2p7.12", "k3m9x2p7"),
        ("attachment; filename*=UTF-8''a; mark=" + "a" * 16 + ".1", "a" * 16),
        ("attachment; filename*=UTF-8''a; mark=k3m9x2p.1", ""),
        ("attachment; filename*=UTF-8''a; mark=" + "a" * 17 + ".1", ""),
        ("attachment; filename*=UTF-8''a; mark=K3M9X2P7.1", ""),
        ("attachment; filename*=UTF-8''a; mark=k3m9x2p7", ""),
        ('attachment; filename="; mark=k3m9x2p7.1"', ""),
        ("", ""),
    ],
)
def test_the_sitting_is_known_by_its_mark(header: str, mark: str) -> None:
    """The page's word beside the name; anything else is none."""
    assert sitting_mark(header) == mark


def test_a_long_name_keeps_its_ending() -> None:
    """What a file is matters more than the middle of its name."""
    name = file_name("あ" * 300 + ".tar.gz")
    assert len(name) <= 200
    assert name.endswith("….gz")
