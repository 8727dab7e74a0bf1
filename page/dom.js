/** Sentences put on the page. What a stranger may have chosen cannot turn the text around it. */

import { fill } from "./words.js";

/** @typedef {Record<string, string>} Values */

/** What any sentence may mention; worked out when one does. @type {Record<string, () => string>} */
export const known = {};

/** @param {string} id  @returns {HTMLElement} */
export function part(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * @param {string} name
 * @param {...(string | Node)} children
 */
export function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  // In the direction of what stands in it.
  made.dir = "auto";
  return made;
}

/**
 * @param {string | HTMLElement} place
 * @param {string} [sentence]  without one the place is hidden
 * @param {Values} [values]
 */
export function say(place, sentence = "", values = {}) {
  const node = typeof place === "string" ? part(place) : place;
  // What is painted four times a second has seldom changed.
  if (node.textContent !== spell(sentence, values)) {
    node.replaceChildren(
      ...fill(sentence, values, known).map(({ text, apart }) =>
        apart ? element("bdi", text) : text,
      ),
    );
  }
  node.hidden = !sentence;
}

/**
 * @param {string} sentence
 * @param {Values} [values]
 */
export function spell(sentence, values = {}) {
  const pieces = fill(sentence, values, known);
  return pieces.map(({ text }) => text).join("");
}

/**
 * @param {string} id
 * @param {boolean} so
 */
export function reveal(id, so) {
  part(id).hidden = !so;
}
