/** Slack's markup as elements. */

import { fill } from "./dates.js";
import { h, link } from "./dom.js";
import { emoji } from "./emoji.js";

/**
 * Who is looking, and what names stand for.
 *
 * @typedef {{ viewer: import("./api.js").User,
 *   user: (id: string) => string, channel: (id: string) => string }} Reader
 */

const PATTERNS = [
  /(?<code>`[^`\n]+`)/,
  /(?<angle><[^<>\n]+>)/,
  /(?<bold>(?<![\p{L}\p{N}*])\*(?=\S)[^*\n]*[^*\s]\*(?![\p{L}\p{N}*]))/u,
  /(?<italic>(?<![\p{L}\p{N}_])_(?=\S)[^_\n]*[^_\s]_(?![\p{L}\p{N}_]))/u,
  /(?<strike>(?<![\p{L}\p{N}~])~(?=\S)[^~\n]*[^~\s]~(?![\p{L}\p{N}~]))/u,
  /(?<emoji>:[a-z0-9_+-]+:)/,
  /(?<address>https?:\/\/[^\s<>|]+[^\s<>|.,;:!?)])/,
];
const INLINE = new RegExp(PATTERNS.map((pattern) => pattern.source).join("|"), "gu");

/**
 * The three characters that Slack escapes, as themselves.
 *
 * @param {string} text
 * @returns {string}
 */
export function unescaped(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/**
 * A text with markup as nodes.
 *
 * @param {string} text
 * @param {Reader} reader
 * @returns {Node[]}
 */
export function mrkdwn(text, reader) {
  return text
    .split(/```\n?([\s\S]+?)\n?```/)
    .flatMap((part, index) => (index % 2 ? [preformatted(part)] : paragraphs(part, reader)));
}

/**
 * Code with a button that copies it.
 *
 * @param {string} text
 * @returns {HTMLElement}
 */
export function preformatted(text) {
  const shown = unescaped(text.replace(/<([^<>|]+)(\|[^<>]*)?>/g, "$1"));
  const copy = h("button", { class: "copy", type: "button" }, "Copy");
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(shown);
    copy.textContent = "Copied";
    setTimeout(() => {
      copy.textContent = "Copy";
    }, 2000);
  });
  return h("div", { class: "code" }, h("pre", { tabindex: "0" }, shown), copy);
}

/**
 * @param {string} text
 * @param {Reader} reader
 * @returns {Node[]}
 */
function paragraphs(text, reader) {
  /** @type {Node[]} */
  const nodes = [];
  /** @type {HTMLElement | null} */
  let quote = null;
  for (const [index, line] of text.split("\n").entries()) {
    const quoted = /^(&gt;|>) ?(.*)$/.exec(line);
    if (quoted) {
      if (quote) {
        quote.append(h("br"));
      } else {
        quote = h("blockquote");
        nodes.push(quote);
      }
      quote.append(...inline(quoted[2] ?? "", reader));
      continue;
    }
    if (index > 0 && !quote) nodes.push(h("br"));
    quote = null;
    nodes.push(...inline(line, reader));
  }
  return nodes;
}

/**
 * @param {string} text
 * @param {Reader} reader
 * @returns {Node[]}
 */
function inline(text, reader) {
  /** @type {Node[]} */
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(document.createTextNode(unescaped(text.slice(end, match.index))));
    nodes.push(styled(match[0], match.groups ?? {}, reader));
    end = match.index + match[0].length;
  }
  nodes.push(document.createTextNode(unescaped(text.slice(end))));
  return nodes;
}

/**
 * @param {string} found
 * @param {Record<string, string | undefined>} groups
 * @param {Reader} reader
 * @returns {Node}
 */
function styled(found, groups, reader) {
  const inside = found.slice(1, -1);
  if (groups.code) return h("code", {}, unescaped(inside));
  if (groups.bold) return h("strong", {}, ...inline(inside, reader));
  if (groups.italic) return h("em", {}, ...inline(inside, reader));
  if (groups.strike) return h("s", {}, ...inline(inside, reader));
  if (groups.emoji) return document.createTextNode(emoji(inside));
  if (groups.address) return link(unescaped(found), unescaped(found));
  return reference(inside, reader);
}

/**
 * What stands between angle brackets: a person, a channel, a date, a link.
 *
 * @param {string} inside
 * @param {Reader} reader
 * @returns {Node}
 */
function reference(inside, reader) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : unescaped(inside.slice(bar + 1));
  if (target.startsWith("@")) return mention(`@${reader.user(target.slice(1))}`);
  if (target.startsWith("#")) return mention(`#${label || reader.channel(target.slice(1))}`);
  if (target.startsWith("!date^")) {
    const [, seconds, template, address] = target.split("^");
    return date(Number(seconds), template ?? "", label, reader, address);
  }
  if (target.startsWith("!")) return mention(`@${label || target.slice(1)}`);
  return link(unescaped(target), label || unescaped(target));
}

/**
 * @param {string} text
 * @returns {HTMLElement}
 */
export function mention(text) {
  return h("span", { class: "mention" }, text);
}

/**
 * @param {number} seconds
 * @param {string} template
 * @param {string} fallback
 * @param {Reader} reader
 * @param {string} [address]
 * @returns {Node}
 */
export function date(seconds, template, fallback, reader, address) {
  if (!Number.isFinite(seconds)) return document.createTextNode(fallback);
  const moment = new Date(seconds * 1000);
  const shown = h(
    "time",
    { datetime: moment.toISOString(), title: fallback },
    fill(seconds, template, reader.viewer),
  );
  return address ? link(address, shown) : shown;
}
