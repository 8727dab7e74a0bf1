"""The command line of `python bot.py doctor`."""

import argparse
import signal
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError
from dotenv import load_dotenv

from cloud.doctor import PARTS, examine
from cloud.doctor.finding import Check
from cloud.doctor.installation import PATIENCE, Wish, connect
from cloud.doctor.report import Report
from settings import Settings, SettingsError

if TYPE_CHECKING:
    from argparse import _SubParsersAction

_SETTINGS = Check("settings", "the environment and .env")


def add_to(commands: "_SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its options."""
    parser = commands.add_parser(
        "doctor",
        help="try out the installation, and say what is wrong and what helps",
        description="Try out the installation that .env describes, from Slack's tokens to a real"
        " upload, and say what is wrong and what helps. What it puts anywhere it takes away again."
        " Exit status: 0 healthy, 1 not, 2 if the settings cannot be used.",
    )
    parser.add_argument("--env", type=Path, help="the bot's settings; default: .env, if any")
    parser.add_argument(
        "--channel", default="", metavar="ID", help="post to this channel, and delete the message"
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=PARTS,
        metavar="PART",
        help=f"only this part; may be repeated: {', '.join(PARTS)}",
    )
    parser.add_argument("--profile", help="an AWS profile to read settings with and to clean up")
    parser.add_argument(
        "--patience",
        type=float,
        default=PATIENCE,
        metavar="SECONDS",
        help="how long a bot may take to hear of an upload; default: %(default)s",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Examine and report. The exit status."""
    report = Report(as_json=chosen.json)
    load_dotenv(chosen.env)
    try:
        settings = Settings.from_env(environment)
        session = boto3.Session(region_name=settings.aws_region)
        reader = session
        if chosen.profile:
            reader = boto3.Session(profile_name=chosen.profile, region_name=settings.aws_region)
        wish = Wish(
            channel=chosen.channel,
            config_token=environment.get("SLACK_CONFIG_TOKEN", ""),
            patience=chosen.patience,
        )
        it = connect(settings, wish, session, reader)
    except (SettingsError, BotoCoreError) as error:
        report.note(
            _SETTINGS.bad(str(error), "See .env.example; make deploy writes what is AWS's.")
        )
        report.end()
        return 2
    report.note(_SETTINGS.ok("complete"))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: to clean up
    try:
        with closing(examine(it, session, chosen.only or PARTS)) as findings:
            for finding in findings:
                report.note(finding)
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted. What was put anywhere has been taken away.\n")
        return 130
    return 0 if report.end() else 1
