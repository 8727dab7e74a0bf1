/** Lists of messages: the channel, and the thread beside it. */

import { h } from "./dom.js";
import { dayOf, drawMessage, together } from "./messages.js";

/** @typedef {import("./api.js").Message} Message */
/** @typedef {import("./messages.js").Scene} Scene */

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
      const drawn = JSON.stringify([message, follows, day, root, scene.reader.viewer]);
      nodes.push(this.#keep(kept, message.ts, drawn, () => drawMessage(message, follows, scene)));
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
