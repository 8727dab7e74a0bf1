/** The app's modals: drawn, filled in, sent, closed. */

import { act } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { byId, h } from "./dom.js";
import { inView, stateOf } from "./hands.js";

/** @typedef {import("./api.js").View} View */
/** @typedef {import("./mrkdwn.js").Reader} Reader */
/** @typedef {import("./elements.js").Hands} Hands */
/** @typedef {Record<string, any>} Json */
/** @typedef {Map<string, () => Json>} Values */

const dialog = /** @type {HTMLDialogElement} */ (byId("modal"));
/** What is drawn now: the view's id and hash, and who looks. */
let drawn = "";
/** @type {Values} */
let values = new Map();

/**
 * Show the modal that a person has open, or none. What is filled in stays when it changes.
 *
 * @param {View | null} view
 * @param {Json} filled as the stand-in knows it
 * @param {Reader} reader
 * @param {Hands} hands
 */
export function showModal(view, filled, reader, hands) {
  const key = view ? `${view.id} ${view.hash} ${reader.viewer.id}` : "";
  if (key === drawn) return;
  const same = drawn.startsWith(`${view?.id} `);
  drawn = key;
  if (!view) {
    dialog.close();
    return;
  }
  const typed = same ? stateOf(values) : {};
  values = new Map();
  const own = {
    ...inView(hands, reader.viewer.id, "modal", values),
    filled: { ...filled, ...typed },
  };
  dialog.replaceChildren(form(view, reader, own));
  dialog.setAttribute("aria-label", view.title.text);
  if (!dialog.open) dialog.showModal();
}

/**
 * @param {View} view
 * @param {Reader} reader
 * @param {Hands} hands
 * @returns {HTMLElement}
 */
function form(view, reader, hands) {
  const user = reader.viewer.id;
  const close = () => act("view/close", { user });
  const problem = h("p", { class: "problem", role: "alert" });
  const send =
    view.submit && h("button", { class: "button primary", type: "submit" }, view.submit.text);
  const made = h(
    "form",
    { novalidate: true },
    h(
      "header",
      {},
      h("h2", {}, view.title.text),
      h("button", { class: "quiet", type: "button", "aria-label": "Close", click: close }, "✕"),
    ),
    h(
      "div",
      { class: "modal-body", tabindex: "-1" },
      drawBlocks(view.blocks, reader, hands),
      problem,
    ),
    h(
      "div",
      { class: "buttons" },
      h("button", { class: "button", type: "button", click: close }, view.close?.text ?? "Cancel"),
      send,
    ),
  );
  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.textContent = "";
    const found = complaints(made, view);
    showErrors(made, found);
    if (!send || send.disabled || Object.keys(found).length) return;
    send.disabled = true;
    send.classList.add("busy");
    made.setAttribute("aria-busy", "true");
    const outcome = await act("view/submit", { user, state: stateOf(values) });
    send.disabled = false;
    send.classList.remove("busy");
    made.removeAttribute("aria-busy");
    showErrors(made, outcome.errors ?? {});
    if (outcome.error) {
      problem.textContent = `We had some trouble connecting. Try again? (${outcome.error})`;
      problem.scrollIntoView({ block: "nearest" });
    }
  });
  return made;
}

/**
 * What the client itself will not send: by block.
 *
 * @param {HTMLFormElement} made
 * @param {View} view
 * @returns {Record<string, string>}
 */
function complaints(made, view) {
  const state = stateOf(values);
  /** @type {Record<string, string>} */
  const found = {};
  for (const block of view.blocks.filter(({ type }) => type === "input")) {
    const { type, ...held } = state[block.block_id]?.[block.element.action_id] ?? {};
    const empty = Object.values(held).every((value) => !value || value.length === 0);
    const control = blockIn(made, block.block_id)?.querySelector("input, textarea, select");
    const { validity, validationMessage = "" } = /** @type {Partial<HTMLInputElement>} */ (
      control ?? {}
    );
    // A half-typed number or date reads as empty, but is wrong and not missing.
    if (validity && !validity.valid && !validity.valueMissing) {
      found[block.block_id] = validationMessage;
    } else if (type && empty && !block.optional) {
      found[block.block_id] = "Please complete this required field.";
    }
  }
  return found;
}

/**
 * @param {HTMLFormElement} made
 * @param {string} id
 * @returns {Element | undefined}
 */
function blockIn(made, id) {
  return [...made.querySelectorAll("[data-block]")].find(
    (block) => block.getAttribute("data-block") === id,
  );
}

/**
 * Put errors beside the inputs they are about, take away the others, and go to the first.
 *
 * @param {HTMLFormElement} made
 * @param {Record<string, string>} errors
 */
function showErrors(made, errors) {
  /** @type {HTMLElement | null} */
  let first = null;
  for (const block of made.querySelectorAll("[data-block]")) {
    const error = errors[block.getAttribute("data-block") ?? ""] ?? "";
    const place = block.querySelector(".error");
    if (place) place.textContent = error;
    const control = /** @type {HTMLElement | null} */ (
      block.querySelector("input, textarea, select")
    );
    control?.setAttribute("aria-invalid", String(error !== ""));
    if (error) first ??= control;
  }
  first?.focus();
}

dialog.addEventListener("cancel", (event) => {
  if (event.target !== dialog) return;
  event.preventDefault(); // the app decides, and the stand-in tells us
  /** @type {HTMLElement | null} */ (dialog.querySelector("header button"))?.click();
});
