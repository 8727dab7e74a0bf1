/** The list of channels and people, and the choice of who one is. */

import { byId, h } from "./dom.js";
import { avatar } from "./messages.js";

/** @typedef {import("./api.js").Channel} Channel */
/** @typedef {import("./api.js").Workspace} Workspace */

/** The people that one can be here. */
const VIEWERS = ["ann", "kenji"];

/**
 * @param {Channel} channel
 * @param {Workspace} workspace
 * @returns {string}
 */
export function nameOf(channel, workspace) {
  if (channel.kind !== "im") return channel.name ?? "";
  return workspace.users.find(({ id }) => id === channel.user)?.real_name ?? "somebody";
}

/**
 * @param {Channel} channel
 * @returns {string}
 */
export function signOf(channel) {
  return channel.kind === "public" ? "#" : "";
}

/**
 * @param {Workspace} workspace
 * @param {{ who: string, where: string, unread: Set<string> }} state
 * @param {{ look: (channel: string) => void, become: (person: string) => void }} then
 */
export function drawSidebar(workspace, state, then) {
  const entry = (/** @type {Channel} */ channel) =>
    h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: state.unread.has(channel.id) ? "unread" : "",
          "aria-current": channel.id === state.where ? "page" : undefined,
          click: () => then.look(channel.id),
        },
        sign(channel, workspace),
        h("span", { class: "entry-name" }, nameOf(channel, workspace)),
        state.unread.has(channel.id) &&
          h("span", { class: "dot", role: "img", "aria-label": "new" }),
      ),
    );
  const group = (/** @type {string} */ title, /** @type {Channel[]} */ channels) =>
    h("section", {}, h("h2", {}, title), h("ul", {}, channels.map(entry)));
  byId("channels").replaceChildren(
    group(
      "Channels",
      workspace.channels.filter(({ kind }) => kind !== "im"),
    ),
    group(
      "Direct messages",
      workspace.channels.filter(({ kind }) => kind === "im"),
    ),
  );
  byId("viewers").replaceChildren(...VIEWERS.map((name) => choice(name, workspace, state, then)));
}

/**
 * @param {Channel} channel
 * @param {Workspace} workspace
 * @returns {HTMLElement}
 */
function sign(channel, workspace) {
  if (channel.kind === "im") {
    return avatar(workspace.users.find(({ id }) => id === channel.user));
  }
  return channel.kind === "private"
    ? h("span", { class: "lock", role: "img", "aria-label": "private" })
    : h("span", { class: "hash", "aria-hidden": "true" }, "#");
}

/**
 * @param {string} name
 * @param {Workspace} workspace
 * @param {{ who: string }} state
 * @param {{ become: (person: string) => void }} then
 * @returns {HTMLElement}
 */
function choice(name, workspace, state, then) {
  const user = workspace.users.find((known) => known.name === name);
  return h(
    "label",
    {},
    h("input", {
      type: "radio",
      name: "viewer",
      value: name,
      checked: name === state.who,
      change: () => then.become(name),
    }),
    avatar(user),
    h("span", {}, user?.profile.display_name ?? name),
  );
}
