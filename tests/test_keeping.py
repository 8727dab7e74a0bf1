"""Received files, kept for longer or deleted from Slack."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from conftest import StartBot
from people import ONCE, Asked, People, until
from sigv4 import refusal

from bot import Product
from local.aws import Aws
from local.slack import seed
from local.slack.driver import Slack, words
from uploads import shapes
from uploads.arrivals import Scanned
from uploads.bucket import Bucket
from uploads.errors import Buried
from uploads.links import Verdict
from uploads.moments import expires_at

DAYS = 30


@pytest.fixture
def keeping(slack: Slack, aws: Aws, start_bot: StartBot) -> People:
    """People whose files are kept for a month."""
    return People(slack, aws, start_bot(RETENTION_DAYS=str(DAYS)))


def choose(people: People, fate: str | None, *slots: int) -> None:
    """Fill in the form that is open, and send it."""
    until(lambda: bool((view := people.slack.view()) and view["callback_id"] == "keep_or_delete"))
    view = people.slack.view()
    assert view
    inputs = {block["block_id"]: block["element"] for block in view["blocks"] if "element" in block}
    state: dict[str, Any] = {}
    if slots:
        chosen = [o for o in inputs["files"]["options"] if int(o["value"]) in slots]
        state["files"] = {"files": {"selected_options": chosen}}
    if fate:
        [option] = [o for o in inputs["fate"]["options"] if o["value"] == fate]
        state["fate"] = {"fate": {"selected_option": option}}
    people.slack.submit(state)


def shown(people: People, text: str) -> Callable[[], bool]:
    """Whether the modal says this."""
    return lambda: text in words(people.slack.view() or {})


def end_of(asked: Asked, people: People) -> str:
    """Until when the follow-up of a file that came just now must say that it is kept."""
    file = people.records.file(asked.file())
    assert file
    ends = expires_at(file.kept_at or file.arrived_at, DAYS)
    assert ends
    return f"kept until <!date^{int(ends.timestamp())}"


def versions(people: People, asked: Asked) -> list[int]:
    """The sizes of what has lain under a file's key, the latest first."""
    listed = people.aws.client("s3").list_object_versions(
        Bucket=people.aws.outputs["UploadBucket"], Prefix=asked.key()
    )
    return [version["Size"] for version in listed["Versions"]]


def test_a_file_is_deleted_and_its_link_stays_used(keeping: People) -> None:
    """Nobody can fetch it, nothing can take its place, and S3 keeps it for whoever erred."""
    people = keeping
    asked = people.ask("to delete")
    url = asked.put_url()
    people.send(asked)
    assert "deleted after 30 days" in words(people.card("Received to delete"))
    assert end_of(asked, people) in words(people.news("to delete"))
    people.slack.click("download")
    offer = people.slack.wait_for("Save the file")
    [save] = re.findall(r'"url": "([^"]+X-Amz-Signature[^"]+)"', json.dumps(offer))
    people.slack.click("manage_files")
    choose(people, "delete")
    until(shown(people, "1 file was deleted"))
    assert b"This file was deleted" in people.aws.request("GET", save).body
    news = people.news("to delete", "deleted since")
    assert "download" not in {
        e.get("action_id") for b in news["blocks"] for e in b.get("elements", ())
    }
    assert people.put(url, b"in its place").status == 412
    assert 1 not in asked.plan.slots
    tombstone, file = versions(people, asked)
    assert file == 5 < tombstone
    acts = [(act.what, act.who) for act in people.records.history(asked.reference)]
    assert acts == [("received", ""), ("downloaded", seed.ANN.id), ("deleted", seed.ANN.id)]
    people.settled()
    assert len(people.all_news("to delete")) == 1


def test_a_file_is_kept_for_longer(keeping: People) -> None:
    """Its life in the bucket begins anew, with the name and the type that it had."""
    people = keeping
    asked = people.ask("to keep")
    people.send(asked, name="月次.xlsx", content_type="text/csv")
    people.news("to keep")
    before = people.stored(asked)
    people.aws.client("dynamodb").update_item(  # as if it had come some time ago
        TableName=people.aws.outputs["LinkTable"],
        Key=shapes.key(asked.reference, "file#0001"),
        UpdateExpression="SET arrived_at = :then",
        ExpressionAttributeValues={":then": shapes.number(datetime.now(UTC) - timedelta(days=20))},
    )
    people.slack.click("manage_files")
    choose(people, "keep")
    until(shown(people, "1 file is kept for longer"))
    people.news("to keep", end_of(asked, people))
    after = people.stored(asked)
    assert before
    assert after
    assert after["VersionId"] != before["VersionId"]
    for name in ("ContentType", "ContentDisposition", "ContentLength"):
        assert after[name] == before[name]
    assert people.download().body == b"hello"


def test_of_many_files_some_are_chosen(people: People) -> None:
    """Where files are kept for ever they can only be deleted; the others stay."""
    asked = people.ask("several")
    for slot in (1, 2, 3):
        people.send(asked, slot=slot, name=f"file {slot}.pdf")
    people.news("3 files")
    people.slack.click("manage_files")
    choose(people, None, 1, 3)
    until(shown(people, "2 files were deleted"))
    news = words(people.news("3 files", "deleted since"))
    assert news.count("deleted since") == 2
    assert "kept until" not in news
    assert [file.gone for file in people.records.files(asked.reference)] == [True, False, True]


def test_what_s3_copies_in_no_stroke_is_not_kept(keeping: People) -> None:
    """Over 5 GB: the form says so, and nothing is done to any of the chosen."""
    people = keeping
    asked = people.ask("too large to keep")
    people.send(asked)
    people.news("too large to keep")
    before = people.stored(asked)
    people.aws.client("dynamodb").update_item(
        TableName=people.aws.outputs["LinkTable"],
        Key=shapes.key(asked.reference, "file#0001"),
        UpdateExpression="SET #size = :size",
        ExpressionAttributeNames={"#size": "size"},
        ExpressionAttributeValues={":size": {"N": str(6 * 1024**3)}},
    )
    people.slack.click("manage_files")
    choose(people, "keep")
    until(shown(people, "Files of more than 5 GB cannot be kept for longer"))
    after = people.stored(asked)
    assert before
    assert after
    assert before["LastModified"] == after["LastModified"]


class Overlapping(Bucket):
    """A bucket in which a copy that keeps a file takes so long that a deletion overlaps it."""

    def __init__(self, people: People, asked: Asked, delete: Callable[[], object]) -> None:
        super().__init__(people.aws.client("s3"), people.aws.outputs["UploadBucket"])
        self._root, self._delete = people.aws.client("s3"), delete
        self._version = self._root.head_object(Bucket=self.name, Key=asked.key())["VersionId"]

    def renew(self, key: str) -> None:
        self._delete()
        self._land(key)

    def replace(self, key: str, by: str) -> None:
        super().replace(key, by)
        self._land(key)

    def _land(self, key: str) -> None:
        if self._version:
            source = {"Bucket": self.name, "Key": key, "VersionId": self._version}
            self._root.copy_object(Bucket=self.name, Key=key, CopySource=source)
        self._version = ""


@pytest.mark.parametrize("last", ["the copy", "the deletion"])
def test_a_copy_that_keeps_a_file_undoes_no_deletion(
    people: People, product: Product, last: str
) -> None:
    """However they overlap, whoever is last to record it finds the file, and deletes it again."""
    asked = people.ask("overlapping")
    people.send(asked)
    people.news("overlapping")
    delete = partial(product.files.delete, asked.reference, {1}, "U2")
    files = replace(product.files, bucket=Overlapping(people, asked, delete))
    if last == "the copy":
        assert files.keep(asked.reference, {1}, "U1")[1] == set()
    else:
        files.delete(asked.reference, {1}, "U1")
    with pytest.raises(Buried):
        product.files.bucket.describe(asked.file(), asked.key())
    assert [file.gone for file in people.records.files(asked.reference)] == [True]


def test_a_scan_of_a_tombstone_is_none_of_the_file(people: People, product: Product) -> None:
    """It may come before the bot knows that the file was deleted."""
    asked = people.ask("scanned late")
    people.send(asked)
    people.news("scanned late")
    people.settled()
    product.files.bucket.replace(asked.key(), "U2")
    product.intake.take(Scanned(asked.file(), asked.key(), Verdict.CLEAN))
    [file] = people.records.files(asked.reference)
    assert (file.gone, file.verdict) == (True, Verdict.NONE)


def test_only_who_manages_the_link_may(people: People) -> None:
    """The button stands in the channel; others who press it are told so."""
    asked = people.ask("not yours")
    people.send(asked)
    people.news("not yours")
    people.slack.click("manage_files", user="kenji")
    people.slack.wait_for(lambda m: m["ephemeral"] and ":warning:" in words(m), user="kenji")
    assert people.slack.view("kenji") is None
    assert people.stored(asked)


def test_trouble_in_the_middle_is_told(people: People) -> None:
    """And what was not done can be done again."""
    asked = people.ask("trouble")
    people.send(asked)
    people.news("trouble")
    people.slack.click("manage_files")
    people.aws.faults.add(method="PUT", path=asked.key(), times=9, status=503)
    choose(people, None)
    until(shown(people, "AWS is too busy"))
    people.aws.faults.clear()
    people.slack.close_view()
    people.slack.click("manage_files")
    choose(people, None)
    until(shown(people, "1 file was deleted"))


def test_who_died_before_it_was_recorded_is_made_up_for(people: People) -> None:
    """S3 tells of the tombstone that was copied over the file: the news says that it is gone."""
    asked = people.ask("half done")
    people.send(asked)
    people.news("half done")
    bucket = Bucket(people.aws.client("s3"), people.aws.outputs["UploadBucket"])
    bucket.replace(asked.key(), seed.ANN.id)
    people.news("half done", "deleted since")
    assert people.records.files(asked.reference)[0].gone
    acts = [(act.what, act.who) for act in people.records.history(asked.reference)]
    assert acts == [("received", ""), ("deleted", seed.ANN.id)]


def test_no_link_can_copy(people: People) -> None:
    """The bucket's exception for copies opens nothing: the header is not signed."""
    asked = people.ask("copy")
    people.send(asked)
    source = f"/{people.aws.outputs['UploadBucket']}/{asked.key()}"
    for headers in ({"x-amz-copy-source": source}, {**ONCE, "x-amz-copy-source": source}):
        assert people.aws.request("PUT", asked.put_url(2), headers=headers).status == 403
        assert refusal("PUT", asked.put_url(2), headers, people.secrets)
    assert people.stored(asked, 2) is None
