/** rich_text blocks as elements. */

import { h, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { date, mention, preformatted } from "./mrkdwn.js";

/** @typedef {import("./mrkdwn.js").Reader} Reader */
/** @typedef {Record<string, any>} Json */

/**
 * @param {Json} block
 * @param {Reader} reader
 * @returns {HTMLElement}
 */
export function richText(block, reader) {
  const parts = /** @type {Json[]} */ (block.elements).map((part) => {
    if (part.type === "rich_text_list") return list(part, reader);
    if (part.type === "rich_text_preformatted") return preformatted(plain(part.elements));
    const nodes = inline(part.elements, reader);
    return part.type === "rich_text_quote" ? h("blockquote", {}, nodes) : h("p", {}, nodes);
  });
  return h("div", { class: "block rich" }, parts);
}

/**
 * @param {Json} part
 * @param {Reader} reader
 * @returns {HTMLElement}
 */
function list(part, reader) {
  const items = /** @type {Json[]} */ (part.elements).map((item) =>
    h("li", {}, inline(item.elements, reader)),
  );
  return h(part.style === "ordered" ? "ol" : "ul", { class: `indent-${part.indent ?? 0}` }, items);
}

/**
 * @param {Json[]} elements
 * @returns {string}
 */
function plain(elements) {
  return elements.map((element) => element.text ?? element.url ?? "").join("");
}

/**
 * @param {Json[]} elements
 * @param {Reader} reader
 * @returns {Node[]}
 */
function inline(elements, reader) {
  return elements.map((element) => styled(node(element, reader), element.style ?? {}));
}

/**
 * @param {Json} element
 * @param {Reader} reader
 * @returns {Node}
 */
function node(element, reader) {
  switch (element.type) {
    case "text":
      return document.createTextNode(element.text);
    case "link":
      return link(element.url, element.text ?? element.url);
    case "emoji":
      return document.createTextNode(emoji(element.name));
    case "user":
      return mention(`@${reader.user(element.user_id)}`);
    case "channel":
      return mention(`#${reader.channel(element.channel_id)}`);
    case "broadcast":
      return mention(`@${element.range}`);
    case "date":
      return date(element.timestamp, element.format, element.fallback ?? "", reader, element.url);
    default:
      return document.createTextNode(element.text ?? "");
  }
}

/**
 * @param {Node} inner
 * @param {Record<string, boolean>} style
 * @returns {Node}
 */
function styled(inner, style) {
  let outer = inner;
  if (style.code) outer = h("code", {}, outer);
  if (style.bold) outer = h("strong", {}, outer);
  if (style.italic) outer = h("em", {}, outer);
  if (style.strike) outer = h("s", {}, outer);
  return outer;
}
