/** The app's Home tab. */

import { drawBlocks } from "./blocks.js";
import { byId, h } from "./dom.js";
import { inView, stateOf } from "./hands.js";

/** @typedef {import("./mrkdwn.js").Reader} Reader */
/** @typedef {import("./elements.js").Hands} Hands */

const place = byId("home");
let drawn = "";
/** @type {Map<string, () => Record<string, any>>} */
let values = new Map();

/**
 * Draw what the app published for a person, and leave them where they were in it.
 *
 * @param {import("./api.js").View | null} view
 * @param {Reader} reader
 * @param {Hands} hands
 */
export function showHome(view, reader, hands) {
  const key = JSON.stringify([view, reader.viewer]);
  if (key === drawn) return;
  drawn = key;
  if (!view) {
    place.replaceChildren(
      h("p", { class: "nothing-yet" }, "The app has put nothing here for you yet."),
    );
    return;
  }
  const focused = document.activeElement?.getAttribute("data-key");
  const filled = stateOf(values);
  values = new Map();
  const own = { ...inView(hands, reader.viewer.id, "home", values), filled };
  place.replaceChildren(...drawBlocks(view.blocks, reader, own));
  const again = [...place.querySelectorAll("[data-key]")].find(
    (element) => focused && element.getAttribute("data-key") === focused,
  );
  /** @type {HTMLElement | undefined} */ (again)?.focus();
}
