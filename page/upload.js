/**
 * One file's way to S3, as states that refuse illegal moves. What it needs of the world is
 * handed in: it touches neither the network nor the DOM, and asks no clock of its own.
 */

import { backOff, headers, judge, LARGEST, speed, TRIES } from "./policy.js";

/** @typedef {import("./link.js").Plan} Plan */
/** @typedef {import("./policy.js").Answer} Answer */

/**
 * What the states say besides their name:
 * `sending` how far it is, in bytes, and how fast, in bytes per second;
 * `waiting` why, and until when in ms since 1970 (Infinity: until the network is back);
 * `failed` why, and S3's own words where it gave any.
 *
 * @typedef {{ at: "ready" } | { at: "cancelled" } | { at: "checking" } | { at: "done" }
 *   | { at: "sending", loaded: number, speed: number }
 *   | { at: "waiting", why: string, until: number }
 *   | { at: "failed", why: string, answer?: Answer }} State
 */

/**
 * None of these throws; those with a signal end early, with anything, when it is aborted.
 *
 * @typedef {object} World
 * @property {(file: File, url: string, headers: Record<string, string>, signal: AbortSignal,
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
 */

/** @type {Record<State["at"], State["at"][]>} */
const MOVES = {
  ready: ["checking"],
  checking: ["sending", "done", "failed", "cancelled"],
  sending: ["sending", "waiting", "done", "failed", "cancelled"],
  waiting: ["sending", "cancelled"],
  done: [],
  failed: ["checking"],
  cancelled: ["checking"],
};

/**
 * Whether a link is over. A wrong local clock must not close a good link, so the server's
 * has the last word; where that cannot be asked, S3 will say.
 *
 * @param {Plan} plan
 * @param {World} world
 */
export async function expired(plan, world) {
  return world.now() >= plan.ends && (await world.ourTime()) >= plan.ends;
}

export class Upload {
  /** @type {State} */
  #state = { at: "ready" };
  #abort = new AbortController();
  #hurry = new AbortController();
  // Of the same file: the mark by which it would be known again where it is stored; and
  // whether a try that ended without an answer had sent every byte.
  #mark = "";
  #sent = false;
  #file = "";

  /**
   * @param {Plan} plan
   * @param {World} world
   * @param {(state: State) => void} show  told of every move
   */
  constructor(plan, world, show) {
    this.plan = plan;
    this.world = world;
    this.show = show;
  }

  get at() {
    return this.#state.at;
  }

  /**
   * Send a file. Settles when the upload is done, has failed or was cancelled; never rejects
   * for what the network does. Throws if an upload is under way or done.
   *
   * @param {File} file
   */
  async start(file) {
    this.#move({ at: "checking" });
    const name = [file.name, file.size, file.lastModified].join("/");
    if (name !== this.#file) {
      this.#sent = false;
      this.#mark = this.world.random().toString(36).slice(2);
    }
    this.#file = name;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const end = (await this.#check(file)) ?? (await this.#send(file, signal));
    if (!signal.aborted) this.#move(end);
  }

  /** Stop, without a trace of an error. Throws if nothing is under way. */
  cancel() {
    this.#move({ at: "cancelled" });
    this.#abort.abort();
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
    this.show(next);
  }

  /**
   * What can be known before a byte is sent.
   *
   * @param {File} file
   * @returns {Promise<State | undefined>}
   */
  async #check(file) {
    if (file.size > LARGEST) return { at: "failed", why: "tooLarge" };
    if (!(await this.world.readable(file))) return { at: "failed", why: "unreadable" };
    if (await expired(this.plan, this.world)) return { at: "failed", why: "expired" };
    const stored = await this.#stored(file);
    if (stored) return stored === "ours" ? { at: "done" } : { at: "failed", why: "taken" };
  }

  /**
   * @param {File} file
   * @param {AbortSignal} signal
   * @returns {Promise<State>}
   */
  async #send(file, signal) {
    let silent = 0;
    for (let tries = 1; !signal.aborted; tries++) {
      const answer = await this.#put(file, signal);
      let why = judge(answer);
      if (why === "lost") {
        this.#sent ||= answer.sent;
        if (signal.aborted) break;
        if (!this.world.online()) why = "offline";
        else if (!(await this.world.readable(file))) why = "unreadable";
        else if (answer.sent && (await this.#stored(file)) === "ours") why = "stored";
        // Not a byte gets out, and yet our own server answers: something is in the way.
        silent = why === "lost" && answer.moved === 0 ? silent + 1 : 0;
        if (silent >= 3 && (await this.world.ourTime())) why = "blocked";
      }
      // Chromium repeats a request by itself when a connection that it used before breaks, so
      // even a first try can meet its own file.
      if (why === "taken" && (await this.#isOurs(file))) why = "stored";
      if (why === "stored") return { at: "done" };
      if (why === "offline") tries--;
      else if ((why !== "lost" && why !== "busy") || tries >= TRIES) {
        return { at: "failed", why, answer };
      }
      if (!signal.aborted) await this.#wait(why, tries);
    }
    return { at: "cancelled" };
  }

  /**
   * @param {File} file
   * @param {AbortSignal} signal
   */
  #put(file, signal) {
    /** @type {[number, number][]} */
    let samples = [];
    let shown = -Infinity;
    const progress = (/** @type {number} */ loaded) => {
      const now = this.world.now();
      // Painting costs a small machine speed: four times a second is all that eyes need.
      if (signal.aborted || (now - shown < 250 && loaded < file.size)) return;
      shown = now;
      samples = [...samples.filter(([at]) => now - at < 5000), [now, loaded]];
      this.#move({ at: "sending", loaded, speed: speed(samples) });
    };
    progress(0);
    return this.world.send(file, this.plan.put, this.#headers(file), signal, progress);
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

  /**
   * After a 412: was it we who put the file there, though the answer was lost?
   *
   * @param {File} file
   */
  async #isOurs(file) {
    const stored = await this.#stored(file);
    return stored ? stored === "ours" : this.#sent;
  }

  /**
   * @param {File} file
   * @returns {Promise<"ours" | "another's" | "">} whose file is stored, if one is known to be
   */
  async #stored(file) {
    const found = this.plan.head && (await this.world.probe(this.plan.head));
    if (!found) return "";
    return found === this.#headers(file)["Content-Disposition"] ? "ours" : "another's";
  }

  /** @param {File} file */
  #headers(file) {
    return headers(this.plan, file, this.#mark);
  }
}
