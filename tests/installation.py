"""An installation to be examined, and broken in one way at a time."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

import bot
from local.aws import Aws
from local.slack.driver import Slack

#: The path of a probe, where the host is the bucket.
PROBE = "^/uploads/doctor/"


@dataclass
class World:
    """An installation, whoever breaks it, and the doctor who has the rights that the README names."""

    aws: Aws
    slack: Slack
    patch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    undo: ExitStack = field(default_factory=ExitStack)
    arguments: tuple[str, ...] = ("--patience", "4")
    leaves: bool = False  #: the doctor may not clean up

    def client(self, service: str) -> Any:
        return self.aws.client(service)

    @property
    def bucket(self) -> str:
        return self.aws.outputs["UploadBucket"]

    @property
    def queue(self) -> str:
        return self.aws.outputs["EventQueueUrl"]

    def set(self, **settings: str) -> None:
        """The doctor's settings; "" is none."""
        for name, value in settings.items():
            self.patch.setenv(name, value)

    def examine(self, *arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
        """The exit status, and the findings by their checks."""
        status, said = self.run("--json", *self.arguments, *arguments)
        told = json.loads(said)
        assert told["healthy"] == (status == 0)
        return status, {finding["check"]: finding for finding in told["findings"]}

    def run(self, *arguments: str) -> tuple[int, str]:
        """The exit status, and all that was said."""
        self.capsys.readouterr()
        status = bot.main(["doctor", *arguments])
        said = self.capsys.readouterr()
        assert said.err == ""
        return status, said.out

    def left(self) -> list[str]:
        """All that a doctor has put anywhere and that is there now."""
        s3, table = self.client("s3"), self.aws.outputs["LinkTable"]
        found = s3.list_object_versions(Bucket=self.bucket, Prefix="uploads/doctor/")
        keys = [one["Key"] for kind in ("Versions", "DeleteMarkers") for one in found.get(kind, [])]
        plans = s3.list_objects_v2(Bucket=self.aws.outputs["PageBucket"], Prefix="page/p/doctor-")
        keys += [one["Key"] for one in plans.get("Contents", [])]
        items = self.client("dynamodb").scan(TableName=table)["Items"]
        return keys + [i["pk"]["S"] for i in items if i["pk"]["S"].startswith("doctor#")]

    def clear(self) -> None:
        """Take away what a doctor was not let."""
        s3, dynamodb = self.client("s3"), self.client("dynamodb")
        found = s3.list_object_versions(Bucket=self.bucket, Prefix="uploads/doctor/")
        for one in found.get("Versions", []):
            s3.delete_object(Bucket=self.bucket, Key=one["Key"], VersionId=one["VersionId"])
        for name in self.left():
            if name.startswith("page/"):
                s3.delete_object(Bucket=self.aws.outputs["PageBucket"], Key=name)
            else:
                key = {"pk": {"S": name}, "sk": {"S": "probe"}}
                dynamodb.delete_item(TableName=self.aws.outputs["LinkTable"], Key=key)


def failures(findings: dict[str, dict[str, Any]]) -> set[str]:
    """The checks with which an installation is not healthy."""
    return {name for name, said in findings.items() if said["verdict"] in {"bad", "unseen"}}


Break = Callable[[World], None]

#: What is broken, by a function that says how to undo it, and the checks that have to fail, each
#: with words of its result and its cure.
BREAKAGES: list[tuple[Break, dict[str, str]]] = []


def breaks(failing: dict[str, str]) -> Callable[[Break], Break]:
    def take(how: Break) -> Break:
        BREAKAGES.append((how, failing))
        return how

    return take
