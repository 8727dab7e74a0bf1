"""Everything the server holds, joined together."""

import asyncio
from dataclasses import dataclass, field, replace

import aiohttp

from local.slack import seed
from local.slack.answers import Answers
from local.slack.delivery import Delivery
from local.slack.door import Door
from local.slack.faults import Faults
from local.slack.interactions import Interaction, Triggers
from local.slack.manifest import Manifest
from local.slack.news import News
from local.slack.rules import Pace, Rules
from local.slack.socket_mode import Sockets
from local.slack.views import Views
from local.slack.workspace import Workspace


@dataclass(slots=True)
class Hub:
    """What outlives a reset, and `reset` for the rest."""

    url: str
    #: What the app is installed with, until `manifest` is changed for a while.
    installed: Manifest
    http: aiohttp.ClientSession
    #: The rules to go back to.
    usual: Rules = field(default_factory=Rules)
    #: The ids that the channel had which everybody is in, before it got another.
    past: set[str] = field(init=False, default_factory=set)
    #: Events that are being delivered, or will be again.
    events_under_way: set[asyncio.Task[None]] = field(default_factory=set)
    news: News = field(default_factory=News)
    sockets: Sockets = field(default_factory=Sockets)
    delivery: Delivery = field(init=False)
    manifest: Manifest = field(init=False)
    rules: Rules = field(init=False)
    workspace: Workspace = field(init=False)
    triggers: Triggers = field(init=False)
    views: Views = field(init=False)
    answers: Answers = field(init=False)
    posts: Pace = field(init=False)
    updates: Pace = field(init=False)
    door: Door = field(init=False)
    interactions: dict[str, Interaction] = field(init=False)
    general: str = field(init=False, default=seed.GENERAL)

    def __post_init__(self) -> None:
        self.delivery = Delivery(self.sockets, self.http)
        self.reset()

    def reset(self, general: str = seed.GENERAL) -> None:
        """A fresh workspace, rules as at the start, nothing recorded. Sockets stay open.

        With an id for `general` that it never had, whoever paces posts owes it nothing, and
        what an app still has to say in the channel of before is refused, and not recorded.
        """
        self.past = (self.past | {self.general}) - {general}
        self.general = general
        for task in self.events_under_way:
            task.cancel()
        self.manifest = self.installed
        self.rules = replace(self.usual)
        self.workspace = Workspace(
            lambda channel: self.news.tell("channel", channel=channel), general
        )
        self.triggers = Triggers()
        self.views = Views(lambda user: self.news.tell("view", user=user))
        self.answers = Answers(self.workspace, self.rules)
        rules = self.rules
        self.posts = Pace(lambda: (rules.posts_per_second, float(rules.post_burst)))
        self.updates = Pace(lambda: (rules.updates_per_minute / 60, rules.updates_per_minute))
        self.door = Door(Faults())
        self.interactions = {}
        self.news.tell("reset")
