"""Modals and Home tabs: what each person has open."""

import secrets
from collections.abc import Callable

from local.slack import inputs, seed
from local.slack.errors import SlackError
from local.slack.inputs import Chooser
from local.slack.interactions import Interaction
from local.slack.limits import check_view
from local.slack.shapes import Json, User

#: Modals on top of one another ("Modals").
MOST_STACKED = 3


class Views:
    """Each person's stack of modals, and their Home tab of the app."""

    def __init__(self, changed: Callable[[str], None]) -> None:
        self.stacks: dict[str, list[Json]] = {}
        self.homes: dict[str, Json] = {}
        #: The views that are being sent, by id: nobody can send one twice.
        self.sending: set[str] = set()
        #: Where each person was looking when they opened a modal.
        self.looking: dict[str, str] = {}
        #: What was filled in, by the view's id, as far as anyone has told.
        self.filled: dict[str, Json] = {}
        self._changed = changed

    def top(self, user: User) -> Json | None:
        """The modal that a person sees."""
        stack = self.stacks.get(user.id)
        return stack[-1] if stack else None

    def open(self, interaction: Interaction, view: object) -> Json:
        """views.open: a modal on an empty stack."""
        made = self._made(_modal(view))
        self.stacks[interaction.user.id] = [made]
        at = interaction.channel or interaction.at
        self.looking[interaction.user.id] = at.id if at else ""
        self._changed(interaction.user.id)
        return made

    def push(self, interaction: Interaction, view: object) -> Json:
        """views.push: on top of what is open. Raises `not_found`, `push_limit_reached`."""
        stack = self.stacks.get(interaction.user.id)
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= MOST_STACKED:
            raise SlackError("push_limit_reached")
        made = self._made(_modal(view), root=stack[0]["id"], previous=stack[-1]["id"])
        stack.append(made)
        self._changed(interaction.user.id)
        return made

    def update(self, view: object, *, ref: str, external: bool, hash_: str | None) -> Json:
        """views.update, by view id or external id. Raises `not_found`, `hash_conflict`."""
        key = "external_id" if external else "id"
        for owner, stack in self.stacks.items():
            for place, old in enumerate(stack):
                if old.get(key) == ref:
                    _same(old, hash_)
                    made = self._made(_modal(view), root=old["root_view_id"])
                    same = ("id", "root_view_id", "previous_view_id")
                    stack[place] = {**made, **{name: old[name] for name in same}}
                    self._keep(old, made)
                    self._changed(owner)
                    return stack[place]
        raise SlackError("not_found")

    def publish(self, user: User, view: object, hash_: str | None) -> Json:
        """views.publish: a person's Home tab. Raises `hash_conflict`."""
        checked = check_view(view)
        if checked["type"] != "home":
            raise SlackError("invalid_arguments", "[ERROR] must be home [json-pointer:/view/type]")
        made, old = self._made(checked), self.homes.get(user.id)
        if old:
            _same(old, hash_)
            made |= {"id": old["id"], "root_view_id": old["id"]}
            self._keep(old, made)
        self.homes[user.id] = made
        self._changed(user.id)
        return self.homes[user.id]

    def fill(self, view: Json, chooser: Chooser, given: Json) -> Json:
        """Put something into a view; returns its `state.values`. Raises as `inputs.state` does."""
        held = inputs.state(view["blocks"], chooser, given, self.filled.get(view["id"]))
        self.filled[view["id"]] = held
        return held

    def _keep(self, old: Json, new: Json) -> None:
        held = self.filled.get(old["id"], {})
        self.filled[old["id"]] = inputs.kept(old["blocks"], new["blocks"], held)

    def close(self, user: User, *, all_of_them: bool = False) -> None:
        """Take away the modal on top, or the whole stack."""
        stack = self.stacks.get(user.id, [])
        del stack[0 if all_of_them else -1 :]
        self._changed(user.id)

    def _made(self, view: Json, root: str = "", previous: str | None = None) -> Json:
        view_id = f"V{secrets.token_hex(5).upper()}"
        return {
            "callback_id": "",
            "private_metadata": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            "close": None,
            "submit": None,
            **view,
            "id": view_id,
            "team_id": seed.TEAM,
            "app_id": seed.APP,
            "bot_id": seed.BOT,
            "app_installed_team_id": seed.TEAM,
            "state": {"values": {}},
            "hash": f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}",
            "root_view_id": root or view_id,
            "previous_view_id": previous,
        }


def _modal(view: object) -> Json:
    checked = check_view(view)
    if checked["type"] != "modal":
        raise SlackError("invalid_arguments", "[ERROR] must be modal [json-pointer:/view/type]")
    return checked


def _same(old: Json, hash_: str | None) -> None:
    if hash_ and hash_ != old["hash"]:
        raise SlackError("hash_conflict")
