"""What is examined, and every way to it: clients born once, for all that look."""

import logging
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
import urllib3
from botocore.config import Config
from slack_sdk import WebClient

from cloud.web import Web
from settings import Settings
from uploads.agenda import Agenda
from uploads.plans import Plans
from uploads.probes import Probes
from uploads.signing import FOR_BROWSERS, Signer

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_guardduty import GuardDutyClient
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient
    from types_boto3_sts import STSClient

#: Seconds for one answer of anybody's.
TIMEOUT = 10

#: Seconds within which a bot that has nothing else to do hears of an upload, with much to spare.
PATIENCE = 10.0

_CALLS = Config(
    connect_timeout=5, read_timeout=TIMEOUT, retries={"mode": "standard", "total_max_attempts": 2}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to know besides, and how long they wait for it."""

    channel: str = ""  #: a channel's id, to post to
    config_token: str = ""  #: an app configuration token of Slack's
    patience: float = PATIENCE  #: seconds within which a bot has to answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """AWS as the bot may use it."""

    s3: "S3Client"
    sqs: "SQSClient"
    sts: "STSClient"
    agenda: Agenda
    plans: Plans
    probes: Probes
    signer: Signer  #: for the upload bucket
    page_signer: Signer  #: for the page bucket, of which only the address is of use


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """AWS as whoever reads settings may use it, and takes away what was put there."""

    s3: "S3Client"
    sqs: "SQSClient"
    dynamodb: "DynamoDBClient"
    guardduty: "GuardDutyClient | None"  #: where it scans what arrives
    probes: Probes


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The one that `settings` describe. All that is in it may be shared by threads."""

    settings: Settings
    wish: Wish
    ours: Ours
    reading: Reading
    slack: WebClient
    web: Web
    stop: threading.Event = field(default_factory=threading.Event)  #: somebody pressed Ctrl-C

    @property
    def page_origin(self) -> str:
        """What browsers call the page in a request to the bucket."""
        return _origin(self.settings.page_url)

    @property
    def account(self) -> str:
        """The AWS account of the stack, as its queue's address has it."""
        return urlsplit(self.settings.event_queue_url).path.strip("/").partition("/")[0]

    @property
    def queue(self) -> str:
        """The name of the queue."""
        return self.settings.event_queue_url.rpartition("/")[2]

    @property
    def owns_its_bucket(self) -> bool:
        """Whether the upload bucket has the name that cloud/template.yaml gives it."""
        ending = f"-uploads-{self.account}-{self.settings.aws_region}"
        return self.settings.upload_bucket.endswith(ending)

    @property
    def upload_origins(self) -> list[str]:
        """What the page must be allowed to send to."""
        return [_origin(base) for base in self.ours.signer.bases]

    def ask(
        self, method: str, url: str, headers: dict[str, str] | None = None
    ) -> urllib3.BaseHTTPResponse:
        """Ask as a browser would: no credentials, no second try; a redirect is an answer."""
        return self.web.request(method, url, headers=headers, decode_content=False)


def connect(
    settings: Settings, wish: Wish, session: boto3.Session, reader: boto3.Session
) -> Installation:
    """Make the clients: `session` is the bot's identity, `reader` reads settings.

    One after the other, for a session of boto3's is no thing to share.
    """
    table = settings.link_table
    browsers = session.client("s3", config=FOR_BROWSERS)
    credentials = session.get_credentials()
    s3 = session.client("s3", config=_CALLS)
    sqs = session.client("sqs", config=_CALLS)
    dynamodb = session.client("dynamodb", config=_CALLS)
    ours = Ours(
        s3=s3,
        sqs=sqs,
        sts=session.client("sts", config=_CALLS),
        agenda=Agenda(dynamodb, table),
        plans=Plans(s3, settings.page_bucket),
        probes=Probes(dynamodb, table),
        signer=Signer(browsers, settings.upload_bucket, credentials),
        page_signer=Signer(browsers, settings.page_bucket, credentials),
    )
    if reader is not session:
        s3 = reader.client("s3", config=_CALLS)
        sqs = reader.client("sqs", config=_CALLS)
        dynamodb = reader.client("dynamodb", config=_CALLS)
    guardduty = reader.client("guardduty", config=_CALLS) if settings.malware_scan else None
    quiet = logging.getLogger("doctor.slack")
    quiet.disabled = True  # what goes wrong is a finding, and told there
    return Installation(
        settings=settings,
        wish=wish,
        ours=ours,
        reading=Reading(
            s3=s3,
            sqs=sqs,
            dynamodb=dynamodb,
            guardduty=guardduty,
            probes=Probes(dynamodb, table),
        ),
        slack=WebClient(
            settings.slack_bot_token,
            settings.slack_api_url,
            timeout=TIMEOUT,
            retry_handlers=[],
            logger=quiet,
        ),
        web=Web(TIMEOUT),
    )


def now() -> datetime:
    return datetime.now(UTC)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
