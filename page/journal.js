/**
 * What this browser remembers of large files that are under way, so that they go on after a
 * reload, a crash or a night. Neither a signed URL nor the link itself is ever stored.
 */

import { keep, recall } from "./receipt.js";

/**
 * @typedef {object} Entry
 * @property {string} reply  the secret under which the bot answers
 * @property {string} slot
 * @property {string} mark  that the file will carry
 * @property {string} name
 * @property {number} size  in bytes
 * @property {number} modified  ms since 1970
 * @property {string} sample  see `sampleOf`
 */

/** Of the beginning, the middle and the end of a file so many bytes are compared. */
const SAMPLED = 64 * 1024;

export class Journal {
  /**
   * @param {() => Storage} storage  reading `localStorage` itself may throw
   * @param {() => string} name  under which it is kept
   */
  constructor(storage, name) {
    this.storage = storage;
    this.name = name;
  }

  /** @returns {Entry[]} */
  get entries() {
    const found = recall(this.storage, this.name());
    const whole = (/** @type {any} */ one) =>
      ["reply", "slot", "mark", "name", "sample"].every((key) => typeof one?.[key] === "string") &&
      one.size > 0;
    return Array.isArray(found) ? found.filter(whole) : [];
  }

  /** @param {Entry} entry */
  add(entry) {
    this.#keep([...this.#others(entry.mark), entry]);
  }

  /** @param {string} mark */
  drop(mark) {
    if (this.find(mark)) this.#keep(this.#others(mark));
  }

  /** @param {string} mark */
  find(mark) {
    return this.entries.find((entry) => entry.mark === mark);
  }

  /** @param {string} mark */
  #others(mark) {
    return this.entries.filter((entry) => entry.mark !== mark);
  }

  /** @param {Entry[]} entries */
  #keep(entries) {
    // Without any, a visit need not look what they are.
    keep(this.storage, this.name(), entries.length ? entries : null);
  }
}

/**
 * A hash by which a file is told from another one of its name and size; "" if it cannot be read.
 *
 * @param {Blob} file
 */
export async function sampleOf(file) {
  const places = [0, Math.floor(file.size / 2), Math.max(0, file.size - SAMPLED)];
  const pieces = new Blob(places.map((begin) => file.slice(begin, begin + SAMPLED)));
  try {
    const digest = await crypto.subtle.digest("SHA-256", await pieces.arrayBuffer());
    return btoa(String.fromCharCode(...new Uint8Array(digest)));
  } catch {
    return "";
  }
}
