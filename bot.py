"""upload-link: a Slack bot that asks the outside world for files.

This file assembles: it makes the clients, joins them to the product and to the
doors, and runs until it is told to stop. `python bot.py deploy` and the like are
in `cloud/`.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from dotenv import load_dotenv
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

import logs
from handlers import doors, register
from handlers.arrivals import Announcer
from handlers.calls import LockedOut, Refused, slack_errors
from handlers.directory import Directory
from handlers.errors import sentence_for
from handlers.health import Health, Metrics
from handlers.homes import Homes
from handlers.in_hand import InHand
from handlers.office import Office
from handlers.posting import Poster
from handlers.telling import Teller
from handlers.texts import texts
from handlers.ticking import Ticker
from settings import Settings, SettingsError
from uploads.agenda import Agenda
from uploads.audit import Audit
from uploads.bucket import Bucket
from uploads.clock import Clock
from uploads.desk import Desk
from uploads.errors import UploadLinkError
from uploads.files import Files
from uploads.in_parts import InParts
from uploads.inbox import Inbox
from uploads.intake import Intake
from uploads.multiparts import Multiparts
from uploads.news import News
from uploads.plans import Plans
from uploads.probes import Probes
from uploads.publishing import Publisher
from uploads.records import Records
from uploads.signing import FOR_BROWSERS, Signer
from uploads.watchers import Watchers

log = logging.getLogger("bot")

#: Calls to AWS that may run at once: threads, and connections of each client.
AWS_CALLS_AT_ONCE = 32

#: Seconds that one call to Slack may take. A claim lasts longer (uploads.news.CLAIM_SECONDS).
SLACK_TIMEOUT = 10

#: Seconds that a stop waits for commands in hand; platforms kill after about 30.
FINISH_SECONDS = 15
LAST_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Product:
    """The product, joined to AWS."""

    desk: Desk
    files: Files
    intake: Intake
    clock: Clock
    news: News
    inbox: Inbox
    watchers: Watchers


def build(settings: Settings, metrics: Metrics) -> Product:
    """Make every AWS client, and the product on top of them.

    Here and not in a handler: the very first client of a process can take
    seconds on a cold disk, and Slack waits for three.
    """
    session = boto3.Session(region_name=settings.aws_region)
    calls = Config(
        # botocore's own is put together anew for each call, a seventh of its work. And whatever
        # logs callers (S3's access logs, CloudTrail's data events) shows whose calls these are.
        user_agent="upload-link",
        max_pool_connections=AWS_CALLS_AT_ONCE,
        connect_timeout=5,
        read_timeout=20,
        retries={"mode": "standard", "total_max_attempts": 3},
    )
    s3, dynamodb = session.client("s3", config=calls), session.client("dynamodb", config=calls)
    bucket = Bucket(s3, settings.upload_bucket)
    records = Records(dynamodb, settings.link_table)
    agenda = Agenda(dynamodb, settings.link_table)
    audit = Audit(records, _now, metrics.act)
    signer = Signer(
        session.client("s3", config=FOR_BROWSERS),
        settings.upload_bucket,
        session.get_credentials(),
    )
    plans = Plans(s3, settings.page_bucket)
    multiparts = Multiparts(dynamodb, settings.link_table)
    publisher = Publisher(signer, plans, records, multiparts, _now)
    in_parts = InParts(bucket, records, multiparts, plans, publisher, signer, agenda, audit, _now)
    desk = Desk(
        signer=signer,
        bucket=bucket,
        plans=plans,
        publisher=publisher,
        records=records,
        agenda=agenda,
        in_parts=in_parts,
        audit=audit,
        policy=settings.policy,
        page_url=settings.page_url,
        embedded=settings.link_style == "embedded",
        now=_now,
    )
    probes = Probes(dynamodb, settings.link_table)
    intake = Intake(bucket, records, audit, probes, in_parts, settings.malware_scan, _now)
    return Product(
        desk,
        Files(
            bucket, records, signer, audit, settings.policy.retention_days, settings.malware_scan
        ),
        intake,
        Clock(desk, intake, in_parts, records, agenda, _now),
        News(dynamodb, settings.link_table),
        Inbox(session.client("sqs", config=calls), settings.event_queue_url),
        Watchers(dynamodb, settings.link_table),
    )


def _now() -> datetime:
    return datetime.now(UTC)


async def serve(settings: Settings, product: Product, metrics: Metrics) -> None:
    """Run until SIGTERM or SIGINT, finish what is in hand, and return."""
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(AWS_CALLS_AT_ONCE, "aws"))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop.set)

    # The SDK takes its own timeout only where it makes the session itself.
    timeout = aiohttp.ClientTimeout(total=SLACK_TIMEOUT)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        # A post whose answer was lost must not be repeated blindly, so this
        # client retries nothing; what may be repeated goes through the other.
        client = _slack(settings, session, [])
        patient = _slack(
            settings,
            session,
            [
                AsyncConnectionErrorRetryHandler(),
                AsyncServerErrorRetryHandler(),
                AsyncRateLimitErrorRetryHandler(max_retry_count=2),
            ],
        )
        me = await _introduce(patient, settings)
        # Without a name Bolt looks for one through the sources of all that is imported.
        app = AsyncApp(
            name="upload-link", client=client, signing_secret=settings.slack_signing_secret
        )
        directory = Directory(client, settings.access, settings.workspace_locale)
        poster = Poster(client, patient)
        teller = Teller(product.desk, product.files, product.news, poster, directory)
        homes = Homes(patient, product.desk, product.watchers, directory)
        register(app, Office(product.desk, product.files, teller, poster, directory, homes))
        in_hand = InHand(app, metrics)
        token = settings.slack_app_token
        sockets = doors.Sockets(app, token) if token else None
        announcer = Announcer(product.inbox, product.intake, teller, homes, sockets, metrics)
        ticker = Ticker(product.clock, product.desk, teller, directory, homes)
        health = Health(announcer, sockets, metrics)

        async with AsyncExitStack() as open_doors:
            if settings.metrics_port:
                await open_doors.enter_async_context(
                    doors.watching(settings.metrics_port, health.healthz, health.metrics)
                )
            way = "Socket Mode" if sockets else f"HTTP on port {settings.port}"
            await open_doors.enter_async_context(
                sockets or doors.http(app, settings.port, health.healthz)
            )
            working = [asyncio.create_task(part.run()) for part in (announcer, ticker)]
            stop = asyncio.create_task(told_to_stop.wait())
            log.info("ready as %s in %s, by %s", me["user"], me["team"], way)
            # If either breaks, the bot must not go on looking alive.
            await asyncio.wait([*working, stop], return_when=asyncio.FIRST_COMPLETED)
            stop.cancel()
            log.info("stopping")
            announcer.stop()
            ticker.stop()
            await in_hand.finish(FINISH_SECONDS)
        await in_hand.finish(LAST_SECONDS)  # what came in while the door was closing
        await asyncio.gather(*working)
        await homes.finish()
    log.info("stopped")


async def _introduce(slack: AsyncWebClient, settings: Settings) -> AsyncSlackResponse:
    """Who we are, by Slack's word. Raises `SettingsError` for a token that it refuses.

    Socket Mode would go on trying with a wrong one for ever.
    """
    name = "SLACK_BOT_TOKEN"
    try:
        with slack_errors():
            me = await slack.auth_test()
            if settings.slack_app_token:
                name = "SLACK_APP_TOKEN"
                await slack.apps_connections_open(app_token=settings.slack_app_token)
    except (SlackApiError, LockedOut, Refused) as error:
        raise SettingsError(
            f"The bot cannot start. {name} is not good: {error}\n"
            "Compare it with what api.slack.com/apps shows: the bot token under OAuth &"
            " Permissions; the app token under Basic Information, with the scope"
            " connections:write."
        ) from error
    return me


def _slack(
    settings: Settings, session: aiohttp.ClientSession, retry_handlers: list[AsyncRetryHandler]
) -> AsyncWebClient:
    return AsyncWebClient(
        settings.slack_bot_token,
        settings.slack_api_url,
        session=session,
        retry_handlers=retry_handlers,
    )


def main(arguments: Sequence[str] = ()) -> int:
    """Run the bot. 0 when told to stop, 2 when the environment is wrong, 1 for anything else.

    With arguments, run the command that they name instead.
    """
    if arguments:
        from cloud import commands

        return commands.main(arguments, os.environ)
    logs.start()
    load_dotenv()
    try:
        settings = Settings.from_env(os.environ)
        logs.start(settings.log_format)
        metrics = Metrics()
        asyncio.run(serve(settings, build(settings, metrics), metrics))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except UploadLinkError as error:
        said = sentence_for(texts("en"), error, "whoever runs the bot")
        log.error("the bot cannot go on: %s (%s)", said, error)  # noqa: TRY400 -- it says it all
        return 1
    except ClientError as error:
        log.error("the bot cannot go on: %s", error)  # noqa: TRY400 -- it says it all
        return 1
    except Exception:  # Python's own last words would pass the filter by
        log.critical("the bot has failed", exc_info=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
