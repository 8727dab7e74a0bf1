"""Modals and Home tabs: what each person has open."""

import secrets
from collections.abc import Callable

from local.slack import seed
from local.slack.errors import SlackError
from local.slack.interactions import Interaction
from local.slack.limits import check_view
from local.slack.shapes import Json, User

#: Modals on top of one another ("Modals").
MOST_STACKED = 3


class Views:
    """Each person's stack of modals, and their Home tab of the app."""

    def __init__(self, changed: Callable[[User], None]) -> None:
        self.stacks: dict[str, list[Json]] = {}
        self.homes: dict[str, Json] = {}
        self._changed = changed

    def top(self, user: User) -> Json | None:
        """The modal that a person sees."""
        stack = self.stacks.get(user.id)
        return stack[-1] if stack else None

    def open(self, interaction: Interaction, view: object) -> Json:
        """views.open: a modal on an empty stack."""
        made = self._made(_modal(view))
        self.stacks[interaction.user.id] = [made]
        self._changed(interaction.user)
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
        self._changed(interaction.user)
        return made

    def update(self, view: object, *, ref: str, external: bool, hash_: str | None) -> Json:
        """views.update, by view id or external id. Raises `not_found`, `hash_conflict`."""
        key = "external_id" if external else "id"
        for owner, stack in self.stacks.items():
            for place, old in enumerate(stack):
                if old.get(key) == ref:
                    _same(old, hash_)
                    made = self._made(_modal(view), root=old["root_view_id"])
                    stack[place] = {
                        **made,
                        "id": old["id"],
                        "root_view_id": old["root_view_id"],
                        "previous_view_id": old["previous_view_id"],
                    }
                    self._changed(_user(owner))
                    return stack[place]
        raise SlackError("not_found")

    def publish(self, user: User, view: object, hash_: str | None) -> Json:
        """views.publish: a person's Home tab. Raises `hash_conflict`."""
        checked = check_view(view)
        if checked["type"] != "home":
            raise SlackError("invalid_arguments", "[ERROR] must be home [json-pointer:/view/type]")
        if user.id in self.homes:
            _same(self.homes[user.id], hash_)
        self.homes[user.id] = self._made(checked)
        self._changed(user)
        return self.homes[user.id]

    def close(self, user: User, *, all_of_them: bool = False) -> None:
        """Take away the modal on top, or the whole stack."""
        stack = self.stacks.get(user.id, [])
        del stack[0 if all_of_them else -1 :]
        self._changed(user)

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


def _user(user: str) -> User:
    return next(known for known in seed.USERS if known.id == user)
