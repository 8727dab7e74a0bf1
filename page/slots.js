/**
 * The places of a link, as far as this page knows: which are free, which it holds itself, and
 * fresh signatures for them. What it needs of the world is handed in.
 */

import { LAST_MINUTE } from "./policy.js";

/** @typedef {import("./plan.js").Plan} Plan */
/** @typedef {import("./plan.js").Slot} Slot */
/** @typedef {import("./plan.js").Over} Over */

export class Slots {
  /** @type {Map<string, Slot>} */
  #known = new Map();
  // Which upload has which place, by its signal; and the places of others.
  /** @type {Map<string, AbortSignal>} */
  #held = new Map();
  #spoiled = new Set();
  /** @type {Promise<string> | undefined} */
  #asking;
  /** Why the link takes nothing any more, once it is known. */
  over = "";

  /**
   * @param {Plan} plan
   * @param {(() => Promise<Plan | Over>) | null} ask  for the plan as it is now; null where
   *   the link is all there is
   * @param {Pick<import("./upload.js").World, "now" | "random">} world
   */
  constructor(plan, ask, world) {
    this.ask = ask;
    this.world = world;
    this.plan = this.#learn(plan);
  }

  /** The places that nobody has, as far as is known. */
  get free() {
    return this.plan.slots.filter(({ n }) => !this.#held.has(n) && !this.#spoiled.has(n));
  }

  /**
   * A place for one upload, held until it is released; or why there is none. Of the free ones
   * any, so that two people who send at the same time seldom meet; one that a large file is on its
   * way to only where there is no other.
   *
   * @param {string | undefined} n  the one it had, which it keeps if it can
   * @param {AbortSignal} signal
   * @returns {Promise<Slot | string>}
   */
  async take(n, signal) {
    await this.freshen();
    if (this.over) return this.over;
    const holder = this.#held.get(n ?? "");
    const kept = n && this.#known.has(n) && !this.#spoiled.has(n) && (!holder || holder === signal);
    const quiet = this.free.filter((slot) => !this.plan.going?.includes(slot.n));
    const free = quiet.length ? quiet : this.free;
    const place = kept ? n : free[Math.floor(free.length * this.world.random())]?.n;
    const slot = this.#known.get(place ?? "");
    if (!slot) return this.ask ? "full" : "taken";
    if (!signal.aborted) this.#held.set(slot.n, signal);
    return slot;
  }

  /** Have signatures that live for some time still, if they can be had. */
  async freshen() {
    if (this.plan.signed < this.world.now() + LAST_MINUTE) await this.renew("");
  }

  /** @param {AbortSignal} signal */
  holds(signal) {
    return [...this.#held.values()].includes(signal);
  }

  /** @param {AbortSignal} signal */
  release(signal) {
    for (const [n, holder] of this.#held) if (holder === signal) this.#held.delete(n);
  }

  /**
   * Another's file is there.
   *
   * @param {string} n
   */
  spoil(n) {
    this.#spoiled.add(n);
    this.#held.delete(n);
  }

  /**
   * Look at the plan again.
   *
   * @param {string} otherwise  the answer where there is no plan to look at
   * @returns {Promise<string>} "" if the link is still open, "lost" if that cannot be told, or
   *   why it is over
   */
  async renew(otherwise) {
    if (!this.ask) return otherwise;
    this.#asking ??= this.ask().then((found) => {
      this.#asking = undefined;
      if ("slots" in found) this.plan = this.#learn(found);
      else if (found.why !== "lost") this.over = found.why;
      return "slots" in found ? "" : found.why;
    });
    return this.#asking;
  }

  /**
   * A place with the newest signatures, if it is still free.
   *
   * @param {string} n
   */
  find(n) {
    return this.plan.slots.find((slot) => slot.n === n);
  }

  /** @param {Plan} plan */
  #learn(plan) {
    // A place that is no longer free may be held by us: its URLs are kept, to ask for our file.
    for (const slot of plan.slots) this.#known.set(slot.n, slot);
    return plan;
  }
}
