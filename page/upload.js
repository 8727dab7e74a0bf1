/**
 * One file's way to S3, as states that refuse illegal moves. What it needs of the world is
 * handed in: it touches neither the network nor the DOM, and asks no clock of its own.
 */

import { backOff, headers, judge, meter, SMALL, TRIES } from "./policy.js";

/** @typedef {import("./plan.js").Slot} Slot */
/** @typedef {import("./policy.js").Answer} Answer */

/**
 * What the states say besides their name:
 * `sending` how far it is, in bytes, and how fast, in bytes per second;
 * `waiting` why, and until when in ms since 1970 (Infinity: until the network is back);
 * `done` the checksum of what is stored, where S3 told it;
 * `failed` why, and S3's own words where it gave any.
 *
 * @typedef {{ at: "queued" } | { at: "cancelled" } | { at: "checking" }
 *   | { at: "done", crc?: string }
 *   | { at: "sending", loaded: number, speed: number }
 *   | { at: "waiting", why: string, until: number }
 *   | { at: "failed", why: string, answer?: Answer }} State
 */

/**
 * None of these throws; those with a signal end early, with anything, when it is aborted.
 *
 * @typedef {object} World
 * @property {(file: Blob, url: string, headers: Record<string, string>, signal: AbortSignal,
 *   progress: (loaded: number) => void) => Promise<Answer>} send  one PUT
 * @property {(url: string) => Promise<string>} probe  the Content-Disposition of what is stored
 *   at a presigned HEAD; "" if nothing is or it cannot be told
 * @property {() => Promise<number>} ourTime  our own server's clock, in ms since 1970; 0 if
 *   it cannot be reached
 * @property {(file: File) => Promise<boolean>} readable  the file is still there, as it was chosen
 * @property {() => boolean} online
 * @property {() => number} now  this machine's clock, in ms since 1970
 * @property {() => number} random
 * @property {(ms: number, signal: AbortSignal) => Promise<void>} sleep
 * @property {Large} [large]  how large files go, where that is another way
 */

/**
 * Sends a file like `World.send`, in parts where that is better; undefined where it must go
 * whole. Without a way to go it looks whether the file was under way before, and says where.
 *
 * @typedef {(upload: Upload, way?: Way) => Promise<Answer | undefined>} Large
 */

/**
 * @typedef {object} Way
 * @property {Slot} slot
 * @property {AbortSignal} signal
 * @property {(loaded: number) => void} progress
 * @property {(why: string, until: number) => void} wait  told why nothing moves, and how long
 */

/** @type {Record<State["at"], State["at"][]>} */
const MOVES = {
  queued: ["checking", "cancelled"],
  checking: ["sending", "done", "failed", "cancelled"],
  sending: ["sending", "waiting", "done", "failed", "cancelled"],
  waiting: ["sending", "waiting", "done", "failed", "cancelled"],
  done: [],
  failed: ["queued"],
  cancelled: ["queued"],
};

/**
 * Whether a link is over. A wrong local clock must not close a good link, so the server's
 * has the last word; where that cannot be asked, S3 will say.
 *
 * @param {{ ends: number }} plan
 * @param {Pick<World, "now" | "ourTime">} world
 */
export async function expired({ ends }, world) {
  return world.now() >= ends && (await world.ourTime()) >= ends;
}

export class Upload {
  /** @type {State} */
  #state = { at: "queued" };
  #abort = new AbortController();
  #hurry = new AbortController();
  // Where it goes, and whether a try that ended without an answer had sent every byte there.
  /** @type {Slot | undefined} */
  #slot;
  #sent = false;
  /** The place that it had when it was under way before. @type {string | undefined} */
  n;
  /** Bytes that stay where they are, whatever happens. */
  kept = 0;
  // Tries in a row of which nothing at all was heard.
  #silent = 0;

  /**
   * @param {File} file
   * @param {string} mark  by which the file would be known again where it is stored
   * @param {import("./slots.js").Slots} slots
   * @param {World} world
   * @param {(upload: Upload) => void} show  told of every move
   */
  constructor(file, mark, slots, world, show) {
    this.file = file;
    this.mark = mark;
    this.slots = slots;
    this.world = world;
    this.show = show;
  }

  get state() {
    return this.#state;
  }

  get at() {
    return this.#state.at;
  }

  /** It is on its way: neither waiting for its turn nor at an end. */
  get busy() {
    return ["checking", "sending", "waiting"].includes(this.at);
  }

  /** It has a place to go to. */
  get placed() {
    return this.slots.holds(this.#abort.signal);
  }

  /** How much of it is there, in bytes. */
  get loaded() {
    if (this.#state.at === "sending") return this.#state.loaded;
    return this.at === "done" ? this.file.size : this.kept;
  }

  /**
   * Send the file. Settles when the upload is done, has failed or was cancelled; never rejects
   * for what the network does. Throws if it is not its turn.
   */
  async start() {
    this.#move({ at: "checking" });
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const end = await this.#run(signal);
    if (end.at !== "done") this.slots.release(signal);
    if (!signal.aborted) this.#move(end);
  }

  /** Once more, after a failure or a change of mind. Throws at any other moment. */
  queue() {
    this.#move({ at: "queued" });
  }

  /** Stop, without a trace of an error. Throws if nothing is to be stopped. */
  cancel() {
    this.#move({ at: "cancelled" });
    this.#abort.abort();
    this.slots.release(this.#abort.signal);
    this.hurry();
  }

  /** End a wait now, if there is one. */
  hurry() {
    this.#hurry.abort();
  }

  /** @param {State} next */
  #move(next) {
    if (!MOVES[this.at].includes(next.at)) throw new Error(`${this.at} → ${next.at}`);
    this.#state = next;
    this.show(this);
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<State>}
   */
  async #run(signal) {
    const { file, slots, world } = this;
    if (!(await world.readable(file))) return { at: "failed", why: "unreadable" };
    // The link's owner may have given it more time.
    if ((await expired(slots.plan, world)) && (await slots.renew("expired")) === "expired") {
      return { at: "failed", why: "expired" };
    }
    if (file.size > SMALL) await world.large?.(this);
    this.#silent = 0;
    for (let tries = 1; !signal.aborted; tries++) {
      const slot = await slots.take(this.#slot?.n ?? this.n, signal);
      if (typeof slot === "string") return { at: "failed", why: slot };
      const another = slot.n !== this.#slot?.n;
      if (another) this.#sent = false;
      this.#slot = slot;
      // A byte sent to a place that is taken is sent in vain.
      const found = tries === 1 || another ? await this.#stored() : "";
      if (signal.aborted) break;
      const { kept } = this;
      const answer = found ? undefined : await this.#put(slot, signal);
      // Whatever gets on is not given up.
      if (this.kept > kept) tries = 1;
      if (signal.aborted) break;
      let why = answer ? await this.#meaning(slot, answer) : found;
      if (why === "ours") return { at: "done", crc: answer?.crc };
      if (why === "another's") {
        slots.spoil(slot.n);
        why = await slots.renew("taken");
        if (!why || why === "lost") {
          tries--;
          continue;
        }
      }
      if (why === "signed" && tries < TRIES) continue;
      if (why === "offline") tries--;
      else if ((why !== "lost" && why !== "busy") || tries >= TRIES) {
        return { at: "failed", why: why === "signed" ? "expired" : why, answer };
      }
      await this.#wait(why, tries);
    }
    return { at: "cancelled" };
  }

  /**
   * What an answer says, once all else was asked: whose file is there, "offline", "lost" or
   * "busy" (to be tried again after a wait), "signed" (at once), or why it has failed.
   *
   * @param {Slot} slot
   * @param {Answer} answer
   */
  async #meaning(slot, answer) {
    const { file, world } = this;
    const why = judge(answer);
    if (why === "stored") return "ours";
    if (why === "expired") return this.#sign(slot);
    // Chromium repeats a request by itself when a connection that it used before breaks, so
    // even a first try can meet its own file.
    if (why === "taken") return (await this.#isOurs()) ? "ours" : "another's";
    if (why !== "lost") return why;
    this.#sent ||= answer.sent;
    if (!world.online()) return "offline";
    if (!(await world.readable(file))) return "unreadable";
    if (answer.sent && (await this.#stored()) === "ours") return "ours";
    // Not a byte gets out, and yet our own server answers: something is in the way.
    this.#silent = answer.moved ? 0 : this.#silent + 1;
    return this.#silent >= 3 && (await world.ourTime()) ? "blocked" : why;
  }

  /**
   * After a signature has died.
   *
   * @param {Slot} slot
   */
  async #sign(slot) {
    const why = await this.slots.renew("expired");
    if (why === "lost") return this.world.online() ? why : "offline";
    if (why) return why;
    const renewed = this.slots.find(slot.n);
    if (renewed) return renewed.put === slot.put ? "busy" : "signed";
    return (await this.#isOurs()) ? "ours" : "another's";
  }

  /**
   * @param {Slot} slot
   * @param {AbortSignal} signal
   */
  async #put(slot, signal) {
    const { file, world } = this;
    const measure = meter();
    let shown = -Infinity;
    const progress = (/** @type {number} */ loaded) => {
      const now = world.now();
      // Painting costs a small machine speed: four times a second is all that eyes need.
      if (signal.aborted || (now - shown < 250 && loaded < file.size)) return;
      shown = now;
      this.#move({ at: "sending", loaded, speed: measure(now, loaded) });
    };
    progress(this.kept);
    const wait = (/** @type {string} */ why, /** @type {number} */ until) => {
      if (!signal.aborted) this.#move({ at: "waiting", why, until });
    };
    const way = { slot, signal, progress, wait };
    return (
      (file.size > SMALL && (await world.large?.(this, way))) ||
      world.send(file, slot.put, headers(slot, file, this.mark), signal, progress)
    );
  }

  /**
   * @param {string} why
   * @param {number} tries
   */
  async #wait(why, tries) {
    const ms = why === "offline" ? Infinity : backOff(tries, this.world.random());
    this.#hurry = new AbortController();
    this.#move({ at: "waiting", why, until: this.world.now() + ms });
    await this.world.sleep(ms, this.#hurry.signal);
  }

  /** After a 412: was it we who put the file there, though the answer was lost? */
  async #isOurs() {
    const stored = await this.#stored();
    return stored ? stored === "ours" : this.#sent;
  }

  /** @returns {Promise<"ours" | "another's" | "">} whose file is stored, if one is known to be */
  async #stored() {
    const slot = this.#slot;
    const found = slot?.head && (await this.world.probe(slot.head));
    if (!slot || !found) return "";
    const ours = headers(slot, this.file, this.mark)["Content-Disposition"];
    return found === ours ? "ours" : "another's";
  }
}
