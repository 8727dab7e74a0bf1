"""The commands beside running the bot: `python bot.py deploy`, `destroy` and `doctor`."""

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import boto3
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
)
from dotenv import dotenv_values

from cloud.deploy import Declined, Deployment, deploy
from cloud.destroy import Destruction, destroy
from cloud.doctor import command as doctor
from cloud.existing_bucket import BucketError
from cloud.modules import PageError
from cloud.stack import StackError
from cloud.terminal import Terminal

#: What a stack may be called here: its buckets are named after it, with account and region
#: behind, and S3 allows 63 characters, all of them lower case.
_STACK_NAME = re.compile(r"[a-z][a-z0-9-]{0,26}")

#: What a bucket may be called whose name is part of its address (S3 User Guide, "General
#: purpose bucket naming rules").
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command. 0 if it came to its end, 1 with a sentence if not, 130 for Ctrl-C."""
    chosen = _parser().parse_args(arguments)
    if chosen.run is doctor.run:
        examined: int = doctor.run(chosen, environment)
        return examined
    terminal = Terminal(yes=chosen.yes)
    try:
        chosen.run(_session(chosen, environment), chosen, terminal)
    except (StackError, PageError, BucketError, Declined) as error:
        return _fail(str(error))
    except TimeoutError as error:
        return _fail(
            f"The page is published, but not served yet: {error}.\n"
            "Run the same again to go on waiting."
        )
    except NoRegionError:
        return _fail("Which region? Name it with --region, such as --region eu-central-1.")
    except NoCredentialsError:
        return _fail(
            "There are no AWS credentials. Log in, such as with `aws sso login`, name a profile in"
            " AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        )
    except EndpointConnectionError as error:
        return _fail(f"AWS cannot be reached: {error}")
    except (ClientError, BotoCoreError) as error:
        return _fail(f"AWS refuses: {error}")
    except KeyboardInterrupt:
        _fail(
            "\nInterrupted. What CloudFormation has begun goes on by itself; run the same again to"
            " see it through."
        )
        return 130
    return 0


def _fail(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return 1


def _session(chosen: argparse.Namespace, environment: Mapping[str, str]) -> boto3.Session:
    """By the person's own credentials. Of `.env`, which holds the bot's, only the region counts."""
    known = dotenv_values(chosen.env).get("AWS_REGION")
    session = boto3.Session(region_name=chosen.region or environment.get("AWS_REGION") or known)
    if session.get_credentials() is None:  # the larger lack of the two
        raise NoCredentialsError
    if not session.region_name:
        raise NoRegionError
    return session


def _deploy(session: boto3.Session, chosen: argparse.Namespace, terminal: Terminal) -> None:
    wish = Deployment(
        stack_name=chosen.stack_name,
        parameters={
            "DomainName": chosen.domain,
            "CertificateArn": chosen.certificate,
            "RetentionDays": chosen.retention_days,
            "MalwareScan": chosen.malware_scan,
            "ExistingUploadBucket": chosen.upload_bucket,
            "AlarmEmail": chosen.alarm_email,
        },
        env=chosen.env,
        patience=chosen.patience,
        dry_run=chosen.dry_run,
    )
    deploy(session, wish, terminal)


def _destroy(session: boto3.Session, chosen: argparse.Namespace, terminal: Terminal) -> None:
    wish = Destruction(
        stack_name=chosen.stack_name,
        env=chosen.env,
        delete_files=chosen.delete_files,
        confirmed_bucket=chosen.confirm_bucket,
        dry_run=chosen.dry_run,
    )
    destroy(session, wish, terminal)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python bot.py", description="Without a command, runs the bot."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--region", help="default: AWS_REGION, or that of your AWS configuration")
    common.add_argument(
        "--stack-name", type=_stack_name, default="upload-link", help="default: %(default)s"
    )
    common.add_argument(
        "--env", type=Path, default=Path(".env"), help="the bot's settings; default: %(default)s"
    )
    common.add_argument("--dry-run", action="store_true", help="say what would be done, and do not")
    common.add_argument("--yes", action="store_true", help="do not ask")

    making = commands.add_parser(
        "deploy",
        parents=[common],
        help="bring the stack and the page in your AWS account up to date, and write .env",
        description="Bring the stack and the page in your AWS account up to date, and write .env."
        " May be repeated and interrupted at any time. What is not given stays as it is.",
    )
    making.add_argument("--domain", help="a domain of yours for the page; needs --certificate")
    making.add_argument("--certificate", metavar="ARN", help="its certificate in ACM, in us-east-1")
    making.add_argument(
        "--retention-days",
        metavar="DAYS",
        help="days after which received files are deleted; 0 keeps them for ever",
    )
    making.add_argument(
        "--malware-scan",
        choices=("yes", "no"),
        help="whether GuardDuty scans what arrives, which is charged by the GB",
    )
    making.add_argument(
        "--upload-bucket",
        type=_bucket_name,
        metavar="NAME",
        help="a bucket of yours for received files, in which all that is there stays as it is;"
        ' "" for one of the stack\'s own',
    )
    making.add_argument(
        "--alarm-email",
        help='who hears of events that wait, or that nobody could handle; "" for nobody',
    )
    making.add_argument(
        "--patience",
        type=float,
        default=900,
        metavar="SECONDS",
        help="how long to wait until CloudFront serves the page; default: %(default)s, 0: not at all",
    )
    making.set_defaults(run=_deploy)

    ending = commands.add_parser(
        "destroy",
        parents=[common],
        help="delete what deploy made; received files are kept",
        description="Delete the stack, the page and its address. Received files, and what is"
        " known of links, are kept unless --delete-files is given and the bucket's name is typed.",
    )
    ending.add_argument("--delete-files", action="store_true", help="delete what was received, too")
    ending.add_argument(
        "--confirm-bucket",
        metavar="NAME",
        default="",
        help="the upload bucket's name, in place of typing it",
    )
    ending.set_defaults(run=_destroy)
    doctor.add_to(commands)
    return parser


def _bucket_name(name: str) -> str:
    if name and not _BUCKET_NAME.fullmatch(name):
        raise argparse.ArgumentTypeError(
            f"{name!r} must be the name of a bucket, and without dots: TLS knows no address for"
            " one with dots, and the page could not be held to it"
        )
    return name


def _stack_name(name: str) -> str:
    if not _STACK_NAME.fullmatch(name):
        raise argparse.ArgumentTypeError(
            f"{name!r} must begin with a lower-case letter and go on, to 27 characters at most,"
            " with those, digits and hyphens: buckets are named after it"
        )
    return name
