/** The question before a press, in the words of the app. */

import { byId, h } from "./dom.js";

/**
 * Whether the person goes on; true where the element asks nothing.
 *
 * @param {Record<string, any>} element
 * @returns {Promise<boolean>}
 */
export function confirmed({ confirm }) {
  if (!confirm) return Promise.resolve(true);
  const dialog = /** @type {HTMLDialogElement} */ (byId("confirm"));
  dialog.setAttribute("aria-label", confirm.title.text);
  dialog.replaceChildren(
    h(
      "form",
      { method: "dialog" },
      h("h2", {}, confirm.title.text),
      h("p", {}, confirm.text.text),
      h(
        "div",
        { class: "buttons" },
        h("button", { class: "button", value: "" }, confirm.deny.text),
        h(
          "button",
          { class: `button ${confirm.style ?? "primary"}`, value: "yes" },
          confirm.confirm.text,
        ),
      ),
    ),
  );
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
