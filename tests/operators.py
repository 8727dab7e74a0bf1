"""An operator in the tests: somebody who types the commands, in an AWS account of theirs."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import boto3.session
import pytest

import bot
from cloud.stack import Stack, deploy
from local.aws import ACCOUNT, Aws, origins
from local.clients import session


@dataclass
class Operator:
    """Somebody with administrator's rights, at a prompt, in a folder with an `.env` or without."""

    aws: Aws
    name: str
    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def env(self) -> Path:
        return self.folder / ".env"

    @property
    def stack(self) -> Stack:
        return Stack(self.aws.client("cloudformation"), ACCOUNT, self.name, every=0.1)

    def run(self, command: str, *arguments: str) -> tuple[int, str]:
        """The status, and all that was said."""
        common = ["--region", self.aws.region, "--stack-name", self.name, "--env", str(self.env)]
        try:
            status = bot.main([command, *common, *arguments])
        except SystemExit as refusal:  # argparse's way
            status = int(str(refusal.code))
        said = self.capsys.readouterr()
        return status, said.out + said.err

    def buckets(self) -> set[str]:
        """Its buckets, by what they are for."""
        listed = self.aws.client("s3").list_buckets()["Buckets"]
        ours = (bucket["Name"] for bucket in listed)
        return {name.split("-")[1] for name in ours if name.startswith(f"{self.name}-")}


def bring_up(operator: Operator) -> dict[str, str]:
    """The stack as `deploy` would make it, with the addresses that things have here."""
    cloudformation = operator.aws.client("cloudformation")
    first = deploy(cloudformation, ACCOUNT, operator.name, every=0.05)
    here = origins(first, urlsplit(operator.aws.endpoint).netloc)
    return deploy(cloudformation, ACCOUNT, operator.name, here, every=0.05)


#: What names files, whose content is not ours to know.
_FILES = {"AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"}


def lasting(
    region_name: str | None = None, profile_name: str | None = None
) -> boto3.session.Session:
    """In place of `boto3.Session`: the same one while botocore's environment is, and so its clients.

    To make them takes longer than all else that a command does here.
    """
    said = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("AWS_") or name == "HOME" or name.lower().endswith("_proxy")
    }
    if profile_name or said.keys() & _FILES:
        return boto3.session.Session(profile_name=profile_name, region_name=region_name)
    return _lasting(region_name, frozenset(said.items()))


@cache
def _lasting(region: str | None, _environment: frozenset[tuple[str, str]]) -> boto3.session.Session:
    made = session(region=region)
    made.client = cache(made.client)  # type: ignore[method-assign]
    return made
