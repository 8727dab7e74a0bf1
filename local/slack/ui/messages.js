/** Lists of messages: the channel, and the thread beside it. */

import { drawBlocks } from "./blocks.js";
import { format, pretty } from "./dates.js";
import { h } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";

/** @typedef {import("./api.js").Message} Message */
/** @typedef {import("./api.js").User} User */
/** @typedef {import("./mrkdwn.js").Reader} Reader */
/** @typedef {import("./elements.js").Hands} Hands */
/**
 * @typedef {{ reader: Reader, people: Map<string, User>,
 *   hands: (message: Message) => Hands,
 *   openThread?: (ts: string) => void, root?: (ts: string) => Message | undefined }} Scene
 */

/** Messages of one person within so many seconds stand under one name. */
const TOGETHER = 300;

/** Keeps a list on the page in step with the messages, touching only what changed. */
export class MessageList {
  /** @type {Map<string, { drawn: string, node: HTMLElement }>} */
  #shown = new Map();
  #place;

  /** @param {HTMLElement} place */
  constructor(place) {
    this.#place = place;
  }

  /** Forget everything: another channel, or another person. */
  clear() {
    this.#shown.clear();
    this.#place.replaceChildren();
  }

  /**
   * Show these messages, oldest first.
   *
   * @param {Message[]} messages
   * @param {Scene} scene
   */
  show(messages, scene) {
    /** @type {HTMLElement[]} */
    const nodes = [];
    const kept = new Map();
    /** @type {Message | undefined} */
    let before;
    for (const message of messages) {
      const day = dayOf(message, scene.reader.viewer);
      if (!before || dayOf(before, scene.reader.viewer) !== day) {
        nodes.push(
          this.#keep(kept, `day ${day}`, day, () => h("p", { class: "day" }, h("span", {}, day))),
        );
      }
      const follows = before !== undefined && together(before, message);
      const root = message.reply_broadcast && scene.root?.(message.thread_ts ?? "")?.text;
      const drawn = JSON.stringify([message, follows, day, root]);
      nodes.push(this.#keep(kept, message.ts, drawn, () => draw(message, follows, scene)));
      before = message;
    }
    this.#shown = kept;
    this.#arrange(nodes);
  }

  /**
   * @param {Map<string, { drawn: string, node: HTMLElement }>} kept
   * @param {string} key
   * @param {string} drawn
   * @param {() => HTMLElement} make
   * @returns {HTMLElement}
   */
  #keep(kept, key, drawn, make) {
    const old = this.#shown.get(key);
    const entry = old?.drawn === drawn ? old : { drawn, node: make() };
    kept.set(key, entry);
    return entry.node;
  }

  /**
   * Put the nodes in place without moving those that are right already: a
   * moved node loses its focus, and would be announced again.
   *
   * @param {HTMLElement[]} nodes
   */
  #arrange(nodes) {
    const wanted = new Set(nodes);
    for (const node of [...this.#place.children]) {
      if (!wanted.has(/** @type {HTMLElement} */ (node))) node.remove();
    }
    for (const [index, node] of nodes.entries()) {
      const there = this.#place.children[index];
      if (there !== node) this.#place.insertBefore(node, there ?? null);
    }
  }
}

/**
 * @param {Message} message
 * @returns {Date}
 */
function momentOf(message) {
  return new Date(Number(message.ts) * 1000);
}

/**
 * @param {Message} message
 * @param {User} viewer
 * @returns {string}
 */
function dayOf(message, viewer) {
  const day = pretty(momentOf(message), viewer, "date_long");
  return day.charAt(0).toLocaleUpperCase(viewer.locale) + day.slice(1);
}

/**
 * @param {Message} before
 * @param {Message} message
 * @returns {boolean}
 */
function together(before, message) {
  return (
    before.user === message.user &&
    !before.ephemeral &&
    !message.ephemeral &&
    !message.reply_broadcast &&
    Number(message.ts) - Number(before.ts) < TOGETHER
  );
}

/**
 * @param {Message} message
 * @param {boolean} follows
 * @param {Scene} scene
 * @returns {HTMLElement}
 */
function draw(message, follows, scene) {
  const author = scene.people.get(message.user);
  const viewer = scene.reader.viewer;
  const moment = momentOf(message);
  const time = h(
    "time",
    { datetime: moment.toISOString(), title: format(moment, viewer, "date_long") },
    format(moment, viewer, "time"),
  );
  return h(
    "article",
    {
      class: `message ${message.ephemeral ? "ephemeral" : ""} ${follows ? "follows" : ""}`,
      "data-ts": message.ts,
      "aria-label": `${author?.real_name ?? "Somebody"}, ${time.textContent}`,
    },
    follows ? h("span", { class: "gutter" }, time.cloneNode(true)) : avatar(author),
    h(
      "div",
      { class: "content" },
      message.ephemeral && onlyYou(),
      broadcast(message, scene),
      !follows && h("p", { class: "author" }, byline(author), time),
      h("div", { class: "body" }, ...body(message, scene)),
      footer(message, scene),
    ),
    replyButton(message, scene),
  );
}

/**
 * @param {Message} message
 * @param {Scene} scene
 * @returns {Node[]}
 */
function body(message, scene) {
  const edited = message.edited && h("small", { class: "edited" }, " (edited)");
  const inside = message.blocks?.length
    ? drawBlocks(message.blocks, scene.reader, scene.hands(message))
    : [h("div", { class: "block" }, ...mrkdwn(message.text, scene.reader))];
  if (edited) inside.at(-1)?.append(edited);
  return inside;
}

/**
 * A picture for a person: initials on a colour of their own.
 *
 * @param {User | undefined} user
 * @returns {HTMLElement}
 */
export function avatar(user) {
  const name = user?.real_name ?? "?";
  const initials = name
    .split(/[\s-]+/)
    .map((word) => word.charAt(0).toUpperCase())
    .slice(0, 2)
    .join("");
  const hue = [...name].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % 5;
  const look = user?.is_bot ? "app" : `hue-${hue}`;
  return h("span", { class: `avatar ${look}`, "aria-hidden": "true" }, initials);
}

/**
 * @param {User | undefined} author
 * @returns {HTMLElement}
 */
function byline(author) {
  return h(
    "span",
    {},
    h("strong", {}, author?.is_bot ? author.real_name : (author?.profile.display_name ?? "?")),
    author?.is_bot && h("small", { class: "badge" }, "App"),
  );
}

/** @returns {HTMLElement} */
function onlyYou() {
  return h(
    "p",
    { class: "only-you" },
    h("span", { class: "eye", "aria-hidden": "true" }),
    "Only visible to you",
  );
}

/**
 * @param {Message} message
 * @param {Scene} scene
 * @returns {HTMLElement | false}
 */
function broadcast(message, scene) {
  const thread = message.thread_ts;
  if (!message.reply_broadcast || !thread || !scene.openThread) return false;
  const root = scene.root?.(thread);
  const open = () => scene.openThread?.(thread);
  return h(
    "p",
    { class: "broadcast" },
    "replied to a thread: ",
    h("button", { class: "linklike", type: "button", click: open }, summary(root, scene.reader)),
  );
}

/**
 * The beginning of a message, as plain text.
 *
 * @param {Message | undefined} root
 * @param {Reader} reader
 * @returns {string}
 */
function summary(root, reader) {
  const text = h("span", {}, ...mrkdwn(root?.text ?? "an earlier message", reader)).textContent;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/**
 * @param {Message} message
 * @param {Scene} scene
 * @returns {HTMLElement | false}
 */
function footer(message, scene) {
  if (!message.reply_count || !scene.openThread) return false;
  const count = message.reply_count;
  return h(
    "button",
    { class: "thread-link", type: "button", click: () => scene.openThread?.(message.ts) },
    h("strong", {}, `${count} ${count === 1 ? "reply" : "replies"}`),
    h("span", {}, "View thread"),
  );
}

/**
 * @param {Message} message
 * @param {Scene} scene
 * @returns {HTMLElement | false}
 */
function replyButton(message, scene) {
  if (message.ephemeral || !scene.openThread) return false;
  return h(
    "button",
    {
      class: "reply",
      type: "button",
      "aria-label": "Reply in thread",
      click: () => scene.openThread?.(message.thread_ts ?? message.ts),
    },
    "Reply",
  );
}
