/** What can be pressed: buttons, menus of the app; the rest is in `fields.js`. */

import { confirmed } from "./confirm.js";
import { h } from "./dom.js";
import { drawField } from "./fields.js";
import { menuButton } from "./menu.js";

/** @typedef {Record<string, any>} Json */
/**
 * What elements need to know: who could be chosen, what is filled in, how to tell the app.
 *
 * @typedef {{ people: { id: string, name: string }[],
 *   places: { id: string, name: string, kind: string, app: boolean }[],
 *   viewer: { tz: string }, current: string, filled?: Json,
 *   use: (element: Json, block: Json, chosen: Json) => Promise<string | null>,
 *   values?: Map<string, () => Json> }} Hands
 */

/**
 * @param {Json} element
 * @param {Json} block
 * @param {Hands} hands
 * @returns {HTMLElement}
 */
export function drawElement(element, block, hands) {
  switch (element.type) {
    case "button":
      return button(element, block, hands);
    case "overflow":
      return overflow(element, block, hands);
    case "image":
      return h("img", { class: "thumbnail", src: element.image_url, alt: element.alt_text });
    default:
      return drawField(element, block, hands);
  }
}

/**
 * @param {Json} element
 * @param {Json} block
 * @param {Hands} hands
 * @returns {HTMLElement}
 */
function button(element, block, hands) {
  const name = { "aria-label": element.accessibility_label };
  const look = { class: `button ${element.style ?? ""}`, "data-key": keyOf(element, block) };
  const drawn = element.url
    ? h(
        "a",
        { ...look, ...name, href: element.url, target: "_blank", rel: "noopener noreferrer" },
        element.text.text,
      )
    : h("button", { ...look, ...name, type: "button" }, element.text.text);
  const place = h("span", { class: "pressable" }, drawn);
  drawn.addEventListener("click", async () => {
    if (!element.url && !(await confirmed(element))) return;
    await tell(place, hands.use(element, block, {}));
  });
  return place;
}

/**
 * @param {Json} element
 * @param {Json} block
 * @param {Hands} hands
 * @returns {HTMLElement}
 */
function overflow(element, block, hands) {
  const look = { label: "More actions", sign: "⋯", class: "button overflow" };
  const drawn = menuButton(look, () =>
    /** @type {Json[]} */ (element.options).map((option) => ({
      name: option.text.text,
      description: option.description?.text,
      address: option.url,
      run: async () => {
        if (!(await confirmed(element))) return;
        await tell(place, hands.use(element, block, { selected_option: option }));
      },
    })),
  );
  drawn.setAttribute("data-key", keyOf(element, block));
  const place = h("span", { class: "pressable" }, drawn);
  return place;
}

/**
 * What makes an element the same one when its view is drawn anew.
 *
 * @param {Json} element
 * @param {Json} block
 * @returns {string}
 */
function keyOf(element, block) {
  return JSON.stringify([block.block_id, element.action_id, element.value]);
}

/**
 * The warning beside an element whose app did not answer, and none if it did.
 *
 * @param {HTMLElement} place
 * @param {Promise<string | null>} used
 */
async function tell(place, used) {
  place.querySelector(".trouble")?.remove();
  const error = await used;
  if (!error) return;
  const text = `The app did not respond (${error})`;
  const look = { class: "trouble", role: "img", "aria-label": text, title: text };
  place.append(h("span", look, "⚠"));
}
