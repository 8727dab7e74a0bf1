"""Everything the bot is told by its environment, read once."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import logs
from handlers.access import Access
from handlers.texts import LANGUAGES
from uploads.links import LARGEST, LARGEST_PUT, Sender
from uploads.policy import Policy
from uploads.signing import MAX_SIGNATURE_LIFE

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}

#: What keeps a typing error from making links that outlive everybody's memory of them.
_LONGEST_LIFE = timedelta(days=730)


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
    page_bucket: str
    page_url: str
    event_queue_url: str
    link_table: str
    link_style: str
    workspace_locale: str
    access: Access
    policy: Policy
    malware_scan: bool
    log_format: str
    metrics_port: int | None

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
        link_style = self._choice("LINK_STYLE", "short", ("short", "embedded"))
        read = Settings(
            slack_bot_token=self._slack_token("SLACK_BOT_TOKEN", "xoxb-", _WHERE_BOT, needed=True),
            slack_app_token=app_token or None,
            slack_signing_secret=secret or None,
            port=self._port("PORT", "3000"),
            slack_api_url=self._url("SLACK_API_URL", "", "https://slack.com/api/") + "/",
            # boto3 itself reads only AWS_DEFAULT_REGION; every other SDK reads this one.
            aws_region=self._need("AWS_REGION", "the region of the stack, such as eu-central-1"),
            upload_bucket=self._need("UPLOAD_BUCKET", "the stack's output UploadBucket"),
            page_bucket=self._need("PAGE_BUCKET", "the stack's output PageBucket"),
            page_url=self._url("PAGE_URL", "the stack's output PageUrl"),
            event_queue_url=self._url("EVENT_QUEUE_URL", "the stack's output EventQueueUrl"),
            link_table=self._need("LINK_TABLE", "the stack's output LinkTable"),
            link_style=link_style,
            workspace_locale=self._choice("WORKSPACE_LOCALE", "en", LANGUAGES),
            access=Access(
                allowed_channels=self._ids("ALLOWED_CHANNELS", "CG"),
                allowed_groups=self._ids("ALLOWED_GROUPS", "S"),
                allow_guests=self._choice("ALLOW_GUESTS", "no", ("yes", "no")) == "yes",
                admins=self._ids("ADMINS", "UW"),
            ),
            policy=self._policy(embedded=link_style == "embedded"),
            malware_scan=self._choice("MALWARE_SCAN", "no", ("yes", "no")) == "yes",
            log_format=self._choice("LOG_FORMAT", "text", logs.FORMATS),
            metrics_port=self._port("METRICS_PORT") if self._get("METRICS_PORT") else None,
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
        if value.endswith("..."):
            self._wrong.append(f"{name} is still the placeholder: {cure}")
        elif value and not value.startswith(prefix):
            self._wrong.append(f"{name} does not begin with {prefix}: {cure}")
        return value

    def _url(self, name: str, cure: str, default: str = "") -> str:
        value = self._get(name) or default or self._need(name, cure)
        if value and (
            urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc
        ):
            self._wrong.append(f"{name} is no http(s) address: {value}")
        return value.rstrip("/")

    def _port(self, name: str, default: str = "") -> int:
        value = self._get(name) or default
        if not value.isdecimal() or not 0 < int(value) < 65536:
            self._wrong.append(f"{name} is no port between 1 and 65535: {value}")
            return 0
        return int(value)

    def _policy(self, *, embedded: bool) -> Policy:
        longest = self._life("MAX_LINK_LIFETIME", "90d")
        usual = self._life("LINK_LIFETIME", "7d")
        if usual > longest:
            self._wrong.append("LINK_LIFETIME is longer than MAX_LINK_LIFETIME")
        if embedded and usual > MAX_SIGNATURE_LIFE:
            self._wrong.append("LINK_LIFETIME is longer than the 7d of a link that is embedded")
        most, largest = self._number("MAX_LINK_FILES", 100, 1, 1000), LARGEST
        if embedded:  # it carries one signature, for one PUT, and lives no longer than that
            most, largest = 1, LARGEST_PUT
            longest = min(longest, MAX_SIGNATURE_LIFE)
        return Policy(
            link_lifetime=usual,
            max_link_lifetime=longest,
            link_files=min(self._number("LINK_FILES", 20, 1, 1000), most),
            max_link_files=most,
            max_file_size=min(self._size("MAX_FILE_SIZE", "100GB"), largest),
            ask_sender=Sender(self._choice("ASK_SENDER", "ask", tuple(Sender))),
            max_open_links=self._number("MAX_OPEN_LINKS", 0, 0, 100_000),
            max_links_per_day=self._number("MAX_LINKS_PER_DAY", 0, 0, 100_000),
            retention_days=self._number("RETENTION_DAYS", 0, 0, 36_500),
        )

    def _life(self, name: str, default: str) -> timedelta:
        value = self._get(name) or default
        match = re.fullmatch(r"([1-9]\d{0,5})\s*([mhd])", value)
        life = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta()
        if not timedelta() < life <= _LONGEST_LIFE:
            self._wrong.append(
                f"{name} is no life between 1m and 730d: {value} (write 45m, 12h or 3d)"
            )
        return life

    def _size(self, name: str, default: str) -> int:
        value = self._get(name) or default
        match = re.fullmatch(r"([1-9]\d{0,9})\s*([kMGT])B", value)
        size = int(match[1]) * 1024 ** ("kMGT".index(match[2]) + 1) if match else 0
        if not 0 < size <= 50 * 1024**4:
            self._wrong.append(f"{name} is no size up to 50TB: {value} (write 500MB or 2GB)")
        return size

    def _number(self, name: str, default: int, least: int, most: int) -> int:
        value = self._get(name) or str(default)
        if not value.isdecimal() or not least <= int(value) <= most:
            self._wrong.append(f"{name} is no number between {least} and {most}: {value}")
            return default
        return int(value)

    def _choice(self, name: str, default: str, allowed: Collection[str]) -> str:
        value = self._get(name) or default
        if value not in allowed:
            self._wrong.append(f"{name} is none of {', '.join(allowed)}: {value}")
            return default
        return value

    def _ids(self, name: str, letters: str) -> frozenset[str]:
        """Slack's ids, separated by commas or spaces; each begins with one of the letters."""
        ids = re.split(r"[\s,]+", self._get(name)) if self._get(name) else []
        for one in ids:
            if not re.fullmatch(rf"[{letters}][A-Z0-9]{{6,}}", one):
                self._wrong.append(f"{name} holds something that is no id of Slack's: {one}")
        return frozenset(ids)


_WHERE_BOT = "api.slack.com/apps → your app → OAuth & Permissions → Bot User OAuth Token"
_WHERE_APP = (
    "api.slack.com/apps → your app → Basic Information → App-Level Tokens,"
    " scope connections:write, for Socket Mode."
)
