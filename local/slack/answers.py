"""What the app answers beside the Web API: response_urls and the bodies of acknowledgements.

Both may speak where the app otherwise may not: a response_url "will bypass any
channel posting permissions" ("Handling user interaction").
"""

import json
import secrets
import time
from dataclasses import dataclass, field

from local.slack import seed
from local.slack.args import Args
from local.slack.door import Answer
from local.slack.interactions import Interaction
from local.slack.limits import check_message
from local.slack.rules import Rules
from local.slack.shapes import Channel, Json, Message
from local.slack.workspace import Workspace


@dataclass(slots=True)
class ResponseUrl:
    """Where one interaction may be answered, a few times, for a while."""

    interaction: Interaction
    channel: Channel
    made_at: float = field(default_factory=time.monotonic)
    uses: int = 0


class Answers:
    """Issues response_urls and shows what comes through them."""

    def __init__(self, workspace: Workspace, rules: Rules) -> None:
        self._workspace = workspace
        self._rules = rules
        self._issued: dict[str, ResponseUrl] = {}

    def issue(self, interaction: Interaction, channel: Channel) -> str:
        """A new response_url, as the path of its address."""
        kind = "commands" if interaction.kind == "command" else "actions"
        path = f"/{kind}/{seed.TEAM}/{secrets.randbelow(10**13)}/{secrets.token_urlsafe(18)}"
        self._issued[path] = ResponseUrl(interaction, channel)
        return path

    def use(self, path: str, body: Json) -> Answer:
        """A POST to a response_url. 404 `used_url` or `expired_url` when it is spent."""
        url = self._issued.get(path)
        if url is None or url.uses >= self._rules.response_url_uses:
            return Answer({"ok": False, "error": "used_url"}, 404)
        if time.monotonic() - url.made_at > self._rules.response_url_seconds:
            return Answer({"ok": False, "error": "expired_url"}, 404)
        url.uses += 1
        self.show(url.interaction, url.channel, body)
        return Answer({"ok": True})

    def show(self, interaction: Interaction, channel: Channel, body: Json) -> None:
        """Do as the answer says. Raises `SlackError` for one that cannot be shown."""
        args = Args(body)
        # A shortcut's message is not the app's to change, nor need it be the app's at all.
        source = interaction.message if interaction.kind == "block_actions" else None
        if source and args.flag("delete_original"):
            self._workspace.remove(source)
        else:
            text = args.text("text") or ""
            blocks = check_message(text, args.structure("blocks", "invalid_blocks_format"))
            # An answer to a click replaces the message unless it says otherwise. A
            # command leaves nothing that could be replaced.
            if source and args.flag("replace_original", default=True):
                self._replace(source, text, blocks)
            else:
                self._add(interaction, channel, args, text, blocks)
        interaction.saw_something()

    def _replace(self, source: Message, text: str, blocks: list[Json]) -> None:
        # Whoever could see it still can, and nobody else: visibility never changes.
        source.text, source.blocks = text, blocks
        self._workspace.edited(source)

    def _add(
        self,
        interaction: Interaction,
        channel: Channel,
        args: Args,
        text: str,
        blocks: list[Json],
    ) -> None:
        public = args.text("response_type") == "in_channel"
        self._workspace.write(
            channel,
            seed.BOT_USER,
            text,
            blocks=blocks,
            thread_ts=args.text("thread_ts") or (None if public else _thread(interaction)),
            ephemeral_to=None if public else interaction.user.id,
            unfurl_links=args.flag("unfurl_links", default=True),
            unfurl_media=args.flag("unfurl_media", default=True),
        )

    def show_failure(self, interaction: Interaction) -> None:
        """What Slack tells a person whose command the app did not take."""
        if interaction.kind == "command" and interaction.channel:
            self._workspace.write(
                interaction.channel,
                seed.SLACKBOT,
                f'{interaction.name} failed with the error "{interaction.error}"',
                ephemeral_to=interaction.user.id,
            )


def _thread(interaction: Interaction) -> str | None:
    """An answer that only one sees stands where they clicked: in the thread, if that was there."""
    message = interaction.message if interaction.kind == "block_actions" else None
    return message.thread_ts if message and not message.reply_broadcast else None


def ack_body(raw: str) -> Json:
    """The body of an acknowledgement: nothing, a JSON object, or bare text."""
    if not raw.strip():
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        return {"text": raw}
    return body if isinstance(body, dict) else {"text": raw}
