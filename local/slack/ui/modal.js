/** The app's modals: drawn, filled in, sent, closed. */

import { act } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { byId, h } from "./dom.js";

/** @typedef {import("./api.js").View} View */
/** @typedef {import("./mrkdwn.js").Reader} Reader */
/** @typedef {import("./elements.js").Hands} Hands */
/** @typedef {Record<string, any>} Json */

const dialog = /** @type {HTMLDialogElement} */ (byId("modal"));
/** What is drawn now: the view's id and hash. */
let drawn = "";

/**
 * Show the modal that a person has open, or none.
 *
 * @param {View | null} view
 * @param {Reader} reader
 * @param {Hands} hands
 */
export function showModal(view, reader, hands) {
  const key = view ? `${view.id} ${view.hash} ${reader.viewer.id}` : "";
  if (key === drawn) return;
  drawn = key;
  if (!view) {
    dialog.close();
    return;
  }
  /** @type {Map<string, () => Json>} */
  const values = new Map();
  const user = reader.viewer.id;
  const inView = {
    ...hands,
    values,
    use: async (
      /** @type {Json} */ element,
      /** @type {Json} */ block,
      /** @type {Json} */ chosen,
    ) => {
      const ask = { user, action_id: element.action_id, value: element.value, in_view: true };
      const state = stateOf(values);
      return (await act("click", { ...ask, block_id: block.block_id, chosen, state })).error;
    },
  };
  dialog.replaceChildren(form(view, reader, inView, values));
  dialog.setAttribute("aria-label", view.title.text);
  if (!dialog.open) dialog.showModal();
}

/**
 * @param {View} view
 * @param {Reader} reader
 * @param {Hands} hands
 * @param {Map<string, () => Json>} values
 * @returns {HTMLElement}
 */
function form(view, reader, hands, values) {
  const user = reader.viewer.id;
  const close = () => act("view/close", { user });
  const problem = h("p", { class: "error", role: "alert" });
  const made = h(
    "form",
    {},
    h(
      "header",
      {},
      h("h2", {}, view.title.text),
      h("button", { class: "quiet", type: "button", "aria-label": "Close", click: close }, "✕"),
    ),
    h("div", { class: "modal-body" }, drawBlocks(view.blocks, reader, hands), problem),
    h(
      "div",
      { class: "buttons" },
      h("button", { class: "button", type: "button", click: close }, view.close?.text ?? "Cancel"),
      view.submit && h("button", { class: "button primary", type: "submit" }, view.submit.text),
    ),
  );
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    const outcome = await act("view/submit", { user, state: stateOf(values) });
    const errors = outcome.errors ?? {};
    for (const block of made.querySelectorAll("[data-block]")) {
      const place = block.querySelector(".error");
      if (place) place.textContent = errors[block.getAttribute("data-block") ?? ""] ?? "";
    }
    problem.textContent = outcome.error ? `The app did not respond (${outcome.error}).` : "";
  });
  return made;
}

dialog.addEventListener("cancel", (event) => {
  event.preventDefault(); // the app decides, and the stand-in tells us
  /** @type {HTMLElement | null} */ (dialog.querySelector("header button"))?.click();
});

/**
 * `state.values` of a view, as Slack sends it.
 *
 * @param {Map<string, () => Json>} values
 * @returns {Json}
 */
function stateOf(values) {
  /** @type {Record<string, Json>} */
  const state = {};
  for (const [key, read] of values) {
    const [block, action, type] = /** @type {[string, string, string]} */ (JSON.parse(key));
    state[block] = { ...state[block], [action]: { type, ...read() } };
  }
  return state;
}
