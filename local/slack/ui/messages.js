/** A message: who wrote it, what it says, what can be done with it. */

import { drawBlocks } from "./blocks.js";
import { format, pretty } from "./dates.js";
import { h } from "./dom.js";
import { menuButton } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";

/** @typedef {import("./api.js").Message} Message */
/** @typedef {import("./api.js").User} User */
/** @typedef {import("./mrkdwn.js").Reader} Reader */
/** @typedef {import("./elements.js").Hands} Hands */
/** @typedef {import("./menu.js").Item} Item */
/**
 * @typedef {{ reader: Reader, people: Map<string, User>,
 *   hands: (message: Message) => Hands, shortcuts: (message: Message) => Item[],
 *   openThread?: (ts: string) => void, root?: (ts: string) => Message | undefined }} Scene
 */

/** Messages of one person within so many seconds stand under one name. */
const TOGETHER = 300;

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
export function dayOf(message, viewer) {
  const day = pretty(momentOf(message), viewer, "date_long");
  return day.charAt(0).toLocaleUpperCase(viewer.locale) + day.slice(1);
}

/**
 * @param {Message} before
 * @param {Message} message
 * @returns {boolean}
 */
export function together(before, message) {
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
export function drawMessage(message, follows, scene) {
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
    tools(message, scene),
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
 * What can be done with a message. An ephemeral one is not kept, so there is nothing.
 *
 * @param {Message} message
 * @param {Scene} scene
 * @returns {HTMLElement | false}
 */
function tools(message, scene) {
  if (message.ephemeral) return false;
  const { openThread } = scene;
  const reply = openThread && {
    name: "Reply in thread",
    run: () => openThread(message.thread_ts ?? message.ts),
  };
  const items = [...(reply ? [reply] : []), ...scene.shortcuts(message)];
  if (!items.length) return false;
  return h(
    "div",
    { class: "tools" },
    reply &&
      h(
        "button",
        { class: "reply", type: "button", "aria-label": reply.name, click: reply.run },
        "Reply",
      ),
    menuButton({ label: "More actions for this message", sign: "⋯", class: "more" }, () => items),
  );
}
