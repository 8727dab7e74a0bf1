"""Everything the bot is told by its environment, read once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from uploads.signing import MAX_SIGNATURE_LIFE

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class SettingsError(Exception):
    """The environment cannot be used. The text names every gap and its cure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the bot must know. Each field is the setting of the same name in capitals.

    AWS_ENDPOINT_URL and the credentials are boto3's own to read, from wherever
    it finds them, and are not repeated here.
    """

    slack_bot_token: str
    slack_app_token: str | None
    slack_signing_secret: str | None
    port: int
    slack_api_url: str
    aws_region: str
    upload_bucket: str
    page_url: str
    event_queue_url: str
    link_table: str
    link_lifetime: timedelta

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read and check the environment. Raises `SettingsError`, once, for all that is wrong."""
        return _Reading(env).settings()


class _Reading:
    """One pass over an environment that collects what is wrong with it."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._wrong: list[str] = []

    def settings(self) -> Settings:
        app_token = self._slack_token("SLACK_APP_TOKEN", "xapp-", _WHERE_APP)
        secret = self._get("SLACK_SIGNING_SECRET")
        if not app_token and not secret:
            self._miss("SLACK_APP_TOKEN", f"{_WHERE_APP} Or SLACK_SIGNING_SECRET, for HTTP.")
        read = Settings(
            slack_bot_token=self._slack_token("SLACK_BOT_TOKEN", "xoxb-", _WHERE_BOT, needed=True),
            slack_app_token=app_token or None,
            slack_signing_secret=secret or None,
            port=self._port(),
            slack_api_url=self._url("SLACK_API_URL", "", "https://slack.com/api/") + "/",
            # boto3 itself reads only AWS_DEFAULT_REGION; every other SDK reads this one.
            aws_region=self._need("AWS_REGION", "the region of the stack, such as eu-central-1"),
            upload_bucket=self._need("UPLOAD_BUCKET", "the stack's output UploadBucket"),
            page_url=self._url("PAGE_URL", "the stack's output PageUrl"),
            event_queue_url=self._url("EVENT_QUEUE_URL", "the stack's output EventQueueUrl"),
            link_table=self._need("LINK_TABLE", "the stack's output LinkTable"),
            link_lifetime=self._lifetime(),
        )
        if self._wrong:
            raise SettingsError(
                "The bot cannot start. Put these into the environment or into .env:\n"
                + "\n".join(f"  {line}" for line in self._wrong)
            )
        return read

    def _get(self, name: str) -> str:
        return self._env.get(name, "").strip()

    def _miss(self, name: str, cure: str) -> None:
        self._wrong.append(f"{name} is missing: {cure}")

    def _need(self, name: str, cure: str) -> str:
        value = self._get(name)
        if not value:
            self._miss(name, cure)
        return value

    def _slack_token(self, name: str, prefix: str, cure: str, *, needed: bool = False) -> str:
        value = self._need(name, cure) if needed else self._get(name)
        # The value itself stays out of the message: it is a secret even when misplaced.
        if value and not value.startswith(prefix):
            self._wrong.append(f"{name} does not begin with {prefix}: {cure}")
        return value

    def _url(self, name: str, cure: str, default: str = "") -> str:
        value = self._get(name) or default or self._need(name, cure)
        if value and (
            urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc
        ):
            self._wrong.append(f"{name} is no http(s) address: {value}")
        return value.rstrip("/")

    def _port(self) -> int:
        value = self._get("PORT") or "3000"
        if not value.isdecimal() or not 0 < int(value) < 65536:
            self._wrong.append(f"PORT is no port between 1 and 65535: {value}")
            return 0
        return int(value)

    def _lifetime(self) -> timedelta:
        value = self._get("LINK_LIFETIME") or "7d"
        match = re.fullmatch(r"([1-9]\d{0,5})\s*([mhd])", value)
        life = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta()
        if not timedelta() < life <= MAX_SIGNATURE_LIFE:
            self._wrong.append(
                f"LINK_LIFETIME is no life between 1m and 7d: {value} (write 45m, 12h or 3d;"
                " S3 accepts a signature for seven days at most)"
            )
        return life


_WHERE_BOT = "api.slack.com/apps → your app → OAuth & Permissions → Bot User OAuth Token"
_WHERE_APP = (
    "api.slack.com/apps → your app → Basic Information → App-Level Tokens,"
    " scope connections:write, for Socket Mode."
)
