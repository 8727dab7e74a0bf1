"""Everything the server holds, joined together."""

from dataclasses import dataclass, field, replace

import aiohttp

from local.slack.answers import Answers
from local.slack.delivery import Delivery
from local.slack.door import Door
from local.slack.faults import Faults
from local.slack.interactions import Interaction, Triggers
from local.slack.news import News
from local.slack.rules import Pace, Rules
from local.slack.shapes import Json
from local.slack.socket_mode import Sockets
from local.slack.views import Views
from local.slack.workspace import Workspace


@dataclass(slots=True)
class Hub:
    """What outlives a reset, and `reset` for the rest."""

    url: str
    scopes: frozenset[str]
    #: The slash commands of the manifest, for the page to suggest.
    commands: list[Json]
    http: aiohttp.ClientSession
    #: The rules to go back to.
    usual: Rules = field(default_factory=Rules)
    news: News = field(default_factory=News)
    sockets: Sockets = field(default_factory=Sockets)
    delivery: Delivery = field(init=False)
    rules: Rules = field(init=False)
    workspace: Workspace = field(init=False)
    triggers: Triggers = field(init=False)
    views: Views = field(init=False)
    answers: Answers = field(init=False)
    pace: Pace = field(init=False)
    door: Door = field(init=False)
    interactions: dict[str, Interaction] = field(init=False)

    def __post_init__(self) -> None:
        self.delivery = Delivery(self.sockets, self.http)
        self.reset()

    def reset(self) -> None:
        """A fresh workspace, rules as at the start, nothing recorded. Sockets stay open."""
        self.rules = replace(self.usual)
        self.workspace = Workspace(lambda channel: self.news.tell("channel", channel=channel))
        self.triggers = Triggers()
        self.views = Views(lambda user: self.news.tell("view", user=user.id))
        self.answers = Answers(self.workspace, self.rules)
        self.pace = Pace(self.rules)
        self.door = Door(Faults())
        self.interactions = {}
        self.news.tell("reset")
