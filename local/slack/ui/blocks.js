/** Block Kit as elements. */

import { h } from "./dom.js";
import { drawElement } from "./elements.js";
import { emoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";
import { richText } from "./rich_text.js";

/** @typedef {Record<string, any>} Json */
/** @typedef {import("./mrkdwn.js").Reader} Reader */
/** @typedef {import("./elements.js").Hands} Hands */

/**
 * @param {Json[]} blocks
 * @param {Reader} reader
 * @param {Hands} hands
 * @returns {HTMLElement[]}
 */
export function drawBlocks(blocks, reader, hands) {
  return blocks.map((block) => draw(block, reader, hands));
}

/**
 * @param {Json} block
 * @param {Reader} reader
 * @param {Hands} hands
 * @returns {HTMLElement}
 */
function draw(block, reader, hands) {
  switch (block.type) {
    case "section":
      return section(block, reader, hands);
    case "header":
      return h("h2", { class: "block" }, ...text(block.text, reader));
    case "divider":
      return h("hr", { class: "block" });
    case "image":
      return image(block);
    case "context":
      return h("div", { class: "block context" }, block.elements.map(small(reader)));
    case "actions":
      return h(
        "div",
        { class: "block actions" },
        block.elements.map((/** @type {Json} */ element) => drawElement(element, block, hands)),
      );
    case "input":
      return input(block, reader, hands);
    case "rich_text":
      return richText(block, reader);
    case "markdown":
      return h("div", { class: "block" }, ...mrkdwn(fromMarkdown(block.text), reader));
    default:
      return h("p", { class: "block undrawn" }, `A block of type ${block.type}, not drawn here`);
  }
}

/**
 * @param {Json} object
 * @param {Reader} reader
 * @returns {Node[]}
 */
function text(object, reader) {
  if (object.type === "mrkdwn") return mrkdwn(object.text, reader);
  const shown = object.emoji === false ? object.text : withEmoji(object.text);
  return [document.createTextNode(shown)];
}

/**
 * @param {string} plain
 * @returns {string}
 */
function withEmoji(plain) {
  return plain.replace(/:([a-z0-9_+-]+):/g, (_, /** @type {string} */ name) => emoji(name));
}

/**
 * @param {Json} block
 * @param {Reader} reader
 * @param {Hands} hands
 * @returns {HTMLElement}
 */
function section(block, reader, hands) {
  return h(
    "div",
    { class: "block section" },
    h(
      "div",
      { class: "section-text" },
      block.text && h("div", {}, ...text(block.text, reader)),
      block.fields &&
        h(
          "div",
          { class: "fields" },
          block.fields.map((/** @type {Json} */ field) => h("div", {}, ...text(field, reader))),
        ),
    ),
    block.accessory && drawElement(block.accessory, block, hands),
  );
}

/**
 * @param {Reader} reader
 * @returns {(element: Json) => HTMLElement}
 */
function small(reader) {
  return (element) =>
    element.type === "image"
      ? h("img", { class: "tiny", src: element.image_url, alt: element.alt_text })
      : h("span", {}, ...text(element, reader));
}

/**
 * @param {Json} block
 * @returns {HTMLElement}
 */
function image(block) {
  return h(
    "figure",
    { class: "block" },
    block.title && h("figcaption", {}, block.title.text),
    h("img", { src: block.image_url, alt: block.alt_text }),
  );
}

/**
 * @param {Json} block
 * @param {Reader} reader
 * @param {Hands} hands
 * @returns {HTMLElement}
 */
function input(block, reader, hands) {
  return h(
    "div",
    { class: "block input", "data-block": block.block_id },
    h(
      "div",
      { class: "label" },
      ...text(block.label, reader),
      block.optional && h("small", {}, " (optional)"),
    ),
    drawElement(block.element, block, hands),
    block.hint && h("small", { class: "hint" }, ...text(block.hint, reader)),
    h("p", { class: "error", role: "alert" }),
  );
}

/**
 * The little of Markdown that differs from Slack's markup.
 *
 * @param {string} markdown
 * @returns {string}
 */
function fromMarkdown(markdown) {
  return markdown
    .replace(/^#+ (.+)$/gm, "*$1*")
    .replace(/\*\*(.+?)\*\*/g, "*$1*")
    .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, "<$2|$1>");
}
