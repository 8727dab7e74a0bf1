/** The box to type in: plain messages, and slash commands with a hint. */

import { h } from "./dom.js";
import { menuButton } from "./menu.js";

/** @typedef {import("./api.js").Command} Command */
/**
 * @typedef {import("./api.js").Shortcut} Shortcut
 * @typedef {{ label: string, commands: Command[], inThread?: boolean,
 *   shortcuts?: Shortcut[], take?: (shortcut: Shortcut) => Promise<string | null>,
 *   send: (text: string) => Promise<string | null> }} Options
 */

/**
 * @param {Options} options
 * @returns {HTMLElement}
 */
export function composer(options) {
  const box = h("textarea", {
    id: options.inThread ? "thread-text" : "text",
    rows: 1,
    placeholder: options.label,
    "aria-label": options.label,
    enterkeyhint: "send",
    autocomplete: "off",
    spellcheck: "true",
  });
  const hints = h("div", { class: "hints" });
  const note = h("p", { class: "note", role: "status" });
  const send = h("button", { class: "send", type: "submit", "aria-label": "Send" });
  const take = async (/** @type {Shortcut} */ shortcut) => {
    const error = await options.take?.(shortcut);
    note.textContent = error ? `The app did not respond (${error}).` : "";
  };
  const plus =
    options.shortcuts?.length &&
    menuButton({ label: "Shortcuts", title: "Shortcuts", sign: "+", class: "plus" }, () =>
      (options.shortcuts ?? []).map((shortcut) => ({
        name: shortcut.name,
        description: shortcut.description,
        run: () => take(shortcut),
      })),
    );
  const inside = h("div", { class: "box" }, plus || null, box, send);
  const form = h("form", { class: "composer" }, hints, inside, note);

  const changed = () => {
    send.disabled = box.value.trim() === "";
    box.rows = Math.min(8, box.value.split("\n").length);
    hints.replaceChildren(...suggestions(box, options, changed));
  };
  box.addEventListener("input", () => {
    note.textContent = "";
    changed();
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // Enter ends a Japanese conversion; it must not send
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === "Tab" && !event.shiftKey) {
      const first = hints.querySelector("button");
      if (first) {
        event.preventDefault();
        first.click();
      }
    } else if (event.key === "Escape") {
      hints.replaceChildren();
    }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (!text) return;
    box.value = "";
    changed();
    note.textContent = (await options.send(text)) ?? "";
  });
  changed();
  return form;
}

/**
 * Commands that begin with what was typed.
 *
 * @param {HTMLTextAreaElement} box
 * @param {Options} options
 * @param {() => void} changed
 * @returns {HTMLElement[]}
 */
function suggestions(box, options, changed) {
  if (!/^\/\S*$/.test(box.value)) return [];
  if (options.inThread) return [h("p", {}, "Slash commands cannot be used in threads.")];
  return options.commands
    .filter(({ command }) => command.startsWith(box.value))
    .map(({ command, usage_hint, description }) => {
      const take = () => {
        box.value = `${command} `;
        box.focus();
        changed();
      };
      return h(
        "button",
        { type: "button", click: take },
        h("span", {}, h("strong", {}, command), ` ${usage_hint ?? ""}`),
        h("small", {}, description),
      );
    });
}

/**
 * What stands in the composer's place where there is nothing to type.
 *
 * @param {string} why
 * @returns {HTMLElement}
 */
export function noComposer(why) {
  return h("p", { class: "no-composer" }, why);
}
