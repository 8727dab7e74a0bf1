/** What a person types or picks in a composer, and the composer itself. */

import { act } from "./api.js";
import { composer, noComposer } from "./composer.js";
import { byId } from "./dom.js";
import { nameOf, signOf } from "./sidebar.js";
import { here, state } from "./state.js";

/** Commands of Slack's own that this page knows. */
const OWN_COMMANDS = [
  { command: "/invite", usage_hint: "@upload-link", description: "Add the app to this channel" },
];

/** The composer of the channel; drawn anew only for another place, lest typing be lost. */
export function drawComposer() {
  const channel = here();
  const why = channel.is_archived
    ? "This channel is archived."
    : "Only admins may post in this channel.";
  const label = `Message ${signOf(channel)}${nameOf(channel, state.workspace)}`;
  const commands = [...state.workspace.commands, ...OWN_COMMANDS];
  const shortcuts = state.workspace.shortcuts.filter(({ type }) => type === "global");
  const drawn = JSON.stringify([state.who, label, channel.may_type, why]);
  if (byId("composer").dataset.drawn === drawn) return;
  byId("composer").dataset.drawn = drawn;
  byId("composer").replaceChildren(
    channel.may_type
      ? composer({ label, commands, shortcuts, take: useShortcut, send })
      : noComposer(why),
  );
}

/** The composer of the thread that is open. */
export function drawThreadComposer() {
  const reply = async (/** @type {string} */ text) => {
    if (text.startsWith("/")) return "Slash commands cannot be used in threads.";
    const { who, where, thread } = state;
    const ask = { user: who, channel: where, text: escaped(text), thread_ts: thread };
    return (await act("message", ask)).error;
  };
  byId("thread-composer").replaceChildren(
    here().may_type
      ? composer({ label: "Reply …", commands: [], inThread: true, send: reply })
      : noComposer("Nobody may reply here."),
  );
}

/**
 * Use a shortcut, on a message or without one.
 *
 * @param {import("./api.js").Shortcut} shortcut
 * @param {string} [ts]
 * @returns {Promise<string | null>}
 */
export async function useShortcut({ callback_id }, ts) {
  const ask = { user: state.who, channel: state.where, callback_id, ts };
  return (await act("shortcut", ask)).error;
}

/**
 * @param {string} text
 * @returns {Promise<string | null>}
 */
async function send(text) {
  const { who, where, workspace } = state;
  if (!text.startsWith("/")) {
    return (await act("message", { user: who, channel: where, text: escaped(text) })).error;
  }
  const [command = "", ...rest] = text.split(/\s/);
  if (command === "/invite") {
    return (await act("channel", { user: who, channel: where, bot: true })).error;
  }
  if (!workspace.commands.some((known) => known.command === command)) {
    return `${command} is not a command that this workspace knows.`;
  }
  const ask = { user: who, channel: where, command, text: rest.join(" ") };
  const { error } = await act("command", ask);
  // Slackbot has told the person of these two.
  return error === "operation_timeout" || error === "dispatch_failed" ? null : error;
}

/**
 * What a person types is text; Slack escapes it before anyone reads it as markup.
 *
 * @param {string} text
 * @returns {string}
 */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
