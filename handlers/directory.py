"""Who people are: names, languages, zones and roles, asked of Slack once an hour."""

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from handlers.access import Access, Person
from handlers.calls import Busy, Refused, Unsure, slack_errors
from handlers.texts import Texts, texts
from uploads.errors import Forbidden
from uploads.links import Link
from uploads.untrusted import plain

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)

#: Seconds that a requester waits for what Slack knows of them, at most.
PATIENCE = 1.0

#: Seconds that it is believed without asking again.
LIFE = 3600.0

#: People remembered before all are forgotten.
_MANY = 10_000


class Directory:
    """Asks Slack who people are. `client` must not retry by itself: a person is waiting."""

    def __init__(self, client: "AsyncWebClient", access: Access, workspace_locale: str) -> None:
        self._client = client
        self._access = access
        self._people: dict[str, tuple[Person, float]] = {}
        self._groups: dict[str, tuple[frozenset[str], float]] = {}
        #: What a channel reads.
        self.workspace = texts(workspace_locale)

    async def person(self, user: str, otherwise: str = "") -> Person:
        """What Slack knows of somebody; only `otherwise` for a name where it does not tell soon."""
        person, until = self._people.get(user, (None, 0.0))
        if person is not None and until > time.monotonic():
            return person
        try:
            with slack_errors():
                async with asyncio.timeout(PATIENCE):
                    answer = await self._client.users_info(user=user, include_locale=True)
        except (Refused, Busy, Unsure, SlackApiError) as error:
            log.warning("nothing known of %s: %s", user, error)
            return person or Person(user, otherwise, self.workspace.language, unknown=True)
        said = answer["user"]
        profile = said["profile"]
        name = profile.get("display_name") or profile.get("real_name") or otherwise
        person = Person(
            user,
            plain(name, 80),
            said.get("locale") or self.workspace.language,
            said.get("tz") or "UTC",
            admin=bool(said.get("is_admin") or said.get("is_owner")),
            guest=bool(said.get("is_restricted") or said.get("is_ultra_restricted")),
        )
        if len(self._people) >= _MANY:
            self._people.clear()
        self._people[user] = (person, time.monotonic() + LIFE)
        return person

    async def texts(self, user: str) -> Texts:
        """The sentences in somebody's own language."""
        return texts((await self.person(user)).locale)

    def texts_of(self, person: Person) -> Texts:
        """The sentences in the language of somebody who is known."""
        return texts(person.locale)

    def texts_at(self, channel: str, person: Person) -> Texts:
        """The sentences for a conversation: of the person if it is theirs alone.

        Slack takes the id of a person for their direct messages, so theirs it is too.
        """
        return texts(person.locale) if channel.startswith(("D", "U", "W")) else self.workspace

    async def admit(self, person: Person, channel: str) -> None:
        """Raise `Forbidden` if this person may not make a link in this channel."""
        groups: set[str] = set()
        for group in self._access.allowed_groups:
            if person.id in await self._members(group):
                groups.add(group)
                break
        self._access.check(person, channel, groups)

    async def check_manager(self, user: str, link: Link) -> None:
        """Raise `Forbidden` if somebody may not extend or close a link."""
        if not self._access.may_manage(await self.person(user), link):
            raise Forbidden("not_yours", link.reference, user=f"<@{link.requester}>")

    def who_decides(self, t: Texts) -> str:
        """Whom a refusal names."""
        named = [f"<@{id}>" for id in sorted(self._access.admins)]
        return t("fact.or").join(named) or t("fact.admins")

    async def _members(self, group: str) -> frozenset[str]:
        members, until = self._groups.get(group, (frozenset(), 0.0))
        if until > time.monotonic():
            return members
        with slack_errors():
            answer = await self._client.usergroups_users_list(usergroup=group)
        members = frozenset(answer["users"])
        self._groups[group] = (members, time.monotonic() + LIFE)
        return members
