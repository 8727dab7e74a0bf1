"""People act in the local Slack."""

from local.slack.driver.seen import Interaction, Json, interaction
from local.slack.driver.wire import Wire


class Acting(Wire):
    """What people do. Each act waits until the app has acknowledged or failed to."""

    def command(
        self,
        text: str = "",
        *,
        user: str = "ann",
        channel: str = "general",
        command: str = "/upload-link",
    ) -> Interaction:
        """Type a slash command. Raises `Refused` where there is no box to type in."""
        ask = {"user": user, "channel": channel, "command": command, "text": text}
        return interaction(self._post("command", ask))

    def say(
        self,
        text: str,
        *,
        user: str = "ann",
        channel: str = "general",
        thread_ts: str | None = None,
    ) -> Json:
        """Write a plain message."""
        ask = {"user": user, "channel": channel, "text": text, "thread_ts": thread_ts}
        return self._post("message", ask)

    def shortcut(
        self, callback_id: str, *, user: str = "ann", channel: str = "general"
    ) -> Interaction:
        """Use a global shortcut while looking at `channel`, which the app is not told."""
        ask = {"callback_id": callback_id, "user": user, "channel": channel}
        return interaction(self._post("shortcut", ask))

    def message_shortcut(
        self, callback_id: str, *, ts: str, user: str = "ann", channel: str = "general"
    ) -> Interaction:
        """Use a shortcut from the menu of message `ts`. Ephemeral messages have no menu."""
        ask = {"callback_id": callback_id, "user": user, "channel": channel, "ts": ts}
        return interaction(self._post("shortcut", ask))

    def click(
        self,
        action_id: str,
        *,
        user: str = "ann",
        channel: str = "general",
        ts: str | None = None,
        value: str | None = None,
        block_id: str | None = None,
        chosen: Json | None = None,
    ) -> Interaction:
        """Use the newest such element that the person sees, or the one in message `ts`.

        `value` is a button's, or picks an option of a menu or select; or give what is then
        `chosen`: `{"selected_option": {"value": "close"}}`. Among elements of one action_id,
        `block_id` picks. A `confirm` dialog is confirmed.
        """
        ask = _element(action_id, value, block_id, chosen)
        return interaction(self._post("click", {**ask, "user": user, "channel": channel, "ts": ts}))

    def click_in_view(
        self,
        action_id: str,
        *,
        user: str = "ann",
        value: str | None = None,
        block_id: str | None = None,
        chosen: Json | None = None,
    ) -> Interaction:
        """As `click`, in the modal on top. What an input then holds stays in it."""
        ask = _element(action_id, value, block_id, chosen)
        return interaction(self._post("click", {**ask, "user": user, "in": "modal"}))

    def click_in_home(
        self,
        action_id: str,
        *,
        user: str = "ann",
        value: str | None = None,
        block_id: str | None = None,
        chosen: Json | None = None,
    ) -> Interaction:
        """As `click`, in the person's Home tab."""
        ask = _element(action_id, value, block_id, chosen)
        return interaction(self._post("click", {**ask, "user": user, "in": "home"}))

    def open_home(self, *, user: str = "ann", tab: str = "home") -> Interaction:
        """Open the app's Home tab (or its "messages" tab). Does not wait for the app.

        Whether it took the event is in `slack.interaction(opened.id)` later.
        """
        return interaction(self._post("tab", {"user": user, "tab": tab}))

    def submit(
        self, state: Json | None = None, *, user: str = "ann", times: int = 1
    ) -> Interaction:
        """Send the modal on top; several `times` at once, as a client may that has no answer yet.

        `state` is `{block_id: {action_id: {"value": …}}}`, or `selected_option` and so on, for
        what is put into its inputs; the others are sent as they are. Raises `Refused` where
        Slack's client would not send it: an input that is not there, or left empty though
        required, or that does not take this.
        """
        return interaction(
            self._post("view/submit", {"user": user, "state": state or {}, "times": times})
        )

    def close_view(self, *, user: str = "ann") -> None:
        """Close the modal on top."""
        self._post("view/close", {"user": user})


def _element(action_id: str, value: str | None, block_id: str | None, chosen: Json | None) -> Json:
    asked = {"action_id": action_id, "value": value, "block_id": block_id}
    return {**asked, "chosen": chosen or {}}
