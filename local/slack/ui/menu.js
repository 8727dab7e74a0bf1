/** Menus that open beside a button: of a message, of the composer, of an app. */

import { h, link } from "./dom.js";

/**
 * @typedef {{ name: string, description?: string | undefined, address?: string | undefined,
 *   run: () => void }} Item
 * @typedef {{ label: string, sign: string, class: string, title?: string }} Look
 */

/**
 * A button that opens a menu, whose items are asked for when it opens.
 *
 * @param {Look} look
 * @param {() => Item[]} items
 * @returns {HTMLButtonElement}
 */
export function menuButton(look, items) {
  const button = h(
    "button",
    {
      type: "button",
      class: look.class,
      "aria-label": look.label,
      title: look.label,
      "aria-haspopup": "menu",
      "aria-expanded": "false",
    },
    look.sign,
  );
  /** @type {HTMLElement | null} */
  let open = null;
  button.addEventListener("click", () => {
    if (open) {
      open.hidePopover();
      return;
    }
    open = show(button, look.title, items(), () => {
      open = null;
    });
  });
  return button;
}

/**
 * @param {HTMLButtonElement} button
 * @param {string | undefined} title
 * @param {Item[]} items
 * @param {() => void} closed
 * @returns {HTMLElement}
 */
function show(button, title, items, closed) {
  const entries = items.map((item) => entry(item, () => menu.hidePopover()));
  const menu = h(
    "div",
    { class: "menu", popover: "auto" },
    title ? h("p", { "aria-hidden": "true" }, title) : null,
    h("div", { role: "menu", "aria-label": title ?? button.ariaLabel }, entries),
  );
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const now = entries.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    entries.at((now + step) % entries.length)?.focus();
  });
  menu.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    menu.remove();
    button.setAttribute("aria-expanded", "false");
    closed();
  });
  // In the button's own part of the page: a dialog makes the rest of it deaf.
  (button.closest("dialog, aside, main") ?? document.body).append(menu);
  menu.showPopover();
  place(menu, button);
  button.setAttribute("aria-expanded", "true");
  entries[0]?.focus();
  return menu;
}

/**
 * @param {Item} item
 * @param {() => void} close
 * @returns {HTMLElement}
 */
function entry(item, close) {
  const text = [item.name, item.description && h("small", {}, item.description)];
  const made = item.address
    ? link(item.address, ...text)
    : h("button", { type: "button" }, ...text);
  made.setAttribute("role", "menuitem");
  made.addEventListener("click", () => {
    close();
    item.run();
  });
  return made;
}

/**
 * Under the button, or over it where there is no room, and never outside the window.
 *
 * @param {HTMLElement} menu
 * @param {HTMLElement} button
 */
function place(menu, button) {
  const { left, right, top, bottom } = button.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const under = bottom + 4 + height <= innerHeight;
  menu.style.top = `${Math.max(8, under ? bottom + 4 : top - 4 - height)}px`;
  const wide = left + width <= innerWidth - 8;
  menu.style.left = `${Math.max(8, wide ? left : Math.min(right, innerWidth - 8) - width)}px`;
}
