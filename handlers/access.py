"""Who may make links and who may manage them, by the admin's word. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, field

from handlers.calls import Unsure
from uploads.errors import Forbidden
from uploads.links import Link


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the workspace, as Slack knows them. `locale` is theirs, such as `ja-JP`.

    `unknown` says that Slack did not tell, so that nothing but the id is certain.
    """

    id: str
    name: str
    locale: str = "en-US"
    zone: str = "UTC"
    admin: bool = False
    guest: bool = False
    unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The admin's settings; each field is the setting of the same name in capitals."""

    allowed_channels: frozenset[str] = field(default_factory=frozenset)
    allowed_groups: frozenset[str] = field(default_factory=frozenset)
    allow_guests: bool = False
    admins: frozenset[str] = field(default_factory=frozenset)

    def check(self, person: Person, channel: str, groups: Collection[str]) -> None:
        """Raise `Forbidden` if this person may not make a link here.

        `groups` are those of `allowed_groups` that the person is in.
        """
        if person.unknown and not self.allow_guests:
            # Whoever cannot be told from a guest is asked to come again.
            raise Unsure("slack_silent")
        if person.guest and not self.allow_guests:
            raise Forbidden("no_guests")
        if self.allowed_channels and channel not in self.allowed_channels:
            raise Forbidden("not_in_this_channel")
        if self.allowed_groups and not groups:
            raise Forbidden("not_in_a_group")

    def may_manage(self, person: Person, link: Link) -> bool:
        """Whether this person may extend or close a link: its requester, and admins."""
        return person.id == link.requester or person.admin or person.id in self.admins
