/** The head of a conversation: its name, its topic, its tabs, how it begins. */

import { byId, h } from "./dom.js";
import { nameOf, signOf } from "./sidebar.js";
import { hasHome, here, state } from "./state.js";

/** @param {(tab: string) => void} turn */
export function drawPlace(turn) {
  const channel = here();
  const name = nameOf(channel, state.workspace);
  document.title = `${name} · Local Slack`;
  byId("title").textContent = `${signOf(channel)}${name}`;
  byId("topic").textContent = channel.topic?.value ?? "";
  const app = state.workspace.users.find((user) => user.in_app)?.name ?? "app";
  byId("presence").textContent =
    channel.kind === "im" ? "" : channel.bot ? `@${app} is here` : `@${app} is not here`;
  byId("beginning").replaceChildren(
    h("p", { class: "beginning-title" }, `This is the beginning of ${signOf(channel)}${name}.`),
    ...(channel.may_type ? [suggestion("/upload-link Q3 report from Acme")] : []),
  );
  drawTabs(turn);
}

/** @param {(tab: string) => void} turn */
function drawTabs(turn) {
  const tabbed = hasHome(here());
  const atHome = tabbed && state.tab === "home";
  byId("tabs").hidden = !tabbed;
  byId("tabs").replaceChildren(
    ...["Home", "Messages"].map((name) => {
      const tab = name.toLowerCase();
      const current = (tab === "home") === atHome ? "page" : undefined;
      return h("button", { type: "button", "aria-current": current, click: () => turn(tab) }, name);
    }),
  );
  byId("home").hidden = !atHome;
  byId("scroll").hidden = atHome;
  byId("composer").hidden = atHome;
}

/**
 * Something to type, which a click puts into the box.
 *
 * @param {string} text
 * @returns {HTMLElement}
 */
function suggestion(text) {
  const take = () => {
    const box = /** @type {HTMLTextAreaElement} */ (byId("text"));
    box.value = text;
    box.dispatchEvent(new Event("input"));
    box.focus();
  };
  const button = h(
    "button",
    { class: "linklike", type: "button", click: take },
    h("code", {}, text),
  );
  return h("p", {}, "Try ", button);
}
