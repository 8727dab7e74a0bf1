/**
 * A large file's way to S3: whole, as long as that is quick, or in parts. Seen from outside it
 * is one PUT: it ends with an answer like one. What it needs of the world is handed in.
 *
 * The file is announced and sent at the same moment; what is plainly slow stops again, and waits
 * for a while. Once the bot has said how it goes on in parts, one of the two ways is left: a
 * single connection that will be through in a few seconds or is half through stays, as nothing is
 * faster on a clean line; anything slower makes way for parts, of which six at a time fill a long
 * or lossy line, and which need not be sent again after a break.
 */

import { bytesOf, carry } from "./carry.js";
import { completion, listed, readParts, tagged } from "./parts.js";
import { backOff, headers, judge, LARGEST } from "./policy.js";

/** @typedef {import("./policy.js").Answer} Answer */
/** @typedef {import("./parts.js").Parts} Parts */
/** @typedef {import("./upload.js").Upload} Upload */
/** @typedef {import("./upload.js").Way} Way */

/**
 * @typedef {object} Around
 * @property {import("./upload.js").World} world
 * @property {import("./journal.js").Journal} journal
 * @property {string} prefix  as in `readSigned`
 * @property {(reply: string) => Promise<string | undefined>} answer  what the bot says under a
 *   secret, unread; "" if nothing yet, undefined if it cannot be fetched
 * @property {(url: string, method: string, body?: string) => Promise<Reply>} ask  S3; never rejects
 * @property {(file: File) => Promise<string>} sampleOf  see the journal
 * @property {(mark: string) => boolean} busy  another file of this page has this mark
 */

/**
 * @typedef {object} Reply
 * @property {number} status  HTTP status; 0 when none came
 * @property {string} body
 */

/** A single PUT that will be through in this time, in ms, is left alone. */
export const QUICK = 10_000;

/** After this time a single PUT has shown how fast it is, in ms. */
const SHOWN = 1000;

/**
 * One that would take so long, in ms, is stopped before the bot has answered: all that it sends
 * is to be sent again in parts, and what is on its way by then keeps their first ones waiting.
 */
const SLOW = 2 * QUICK;

/** How long such a file waits for the bot, in ms, before it goes by a single PUT after all. */
const HOPE = 4000;

/** How long the bot may take to answer the first announcement before the next is made, in ms. */
const ANSWERED = 30_000;

/** After the first look for its answer the next waits so long, in ms; each later one longer. */
const FIRST_PAUSE = 100;

/** How long nothing is said of that it has not answered yet, in ms. */
const SOON = 3000;

/** How often the bot's answer is looked for when the file was cancelled before it came. */
const LOOKS = 10;

/** How often it is looked whether the link is still open, in ms. */
const WATCHED = 10_000;

/** How often S3 is asked for one thing, before the file goes another way or pauses. */
const ATTEMPTS = 4;

/** Errors of S3's after which it asks to be asked again (S3 API Reference, "Error responses"). */
const AGAIN = ["InternalError", "SlowDown", "ServiceUnavailable", "RequestTimeout"];

/** Ends that look like S3's, so that they are judged like S3's. */
export const LOST = { status: 0, code: "", message: "", moved: 0, sent: false };
const BUSY = { ...LOST, status: 503 };
const TAKEN = { ...LOST, status: 412 };
const ARRIVED = { ...LOST, status: 200, sent: true };
/** The link has to be looked at: it is over, or will be signed anew. */
const OVER = { ...LOST, status: 403, message: "expired" };

/** What each word of the bot's comes to, but for "open". @type {Record<string, Answer>} */
const ENDS = {
  arrived: ARRIVED,
  taken: TAKEN,
  refused: { ...LOST, status: 413 },
  closed: OVER,
};

/**
 * Whether the file was under way before: then it goes on, in its place and under its mark.
 *
 * @param {Around} around
 * @param {Upload} upload
 * @returns {Promise<boolean>} another file of this name was
 */
export async function recognise({ journal, busy, sampleOf }, upload) {
  const { file } = upload;
  const namesakes = journal.entries.filter(({ name, mark }) => name === file.name && !busy(mark));
  if (!namesakes.length) return false;
  const sample = await sampleOf(file);
  const known = namesakes.find(
    (entry) =>
      entry.size === file.size && entry.modified === file.lastModified && entry.sample === sample,
  );
  if (!known) return !namesakes.some(({ mark }) => mark === upload.mark);
  upload.mark = known.mark;
  upload.n = known.slot;
  return false;
}

/**
 * @param {Around} around
 * @param {Upload} upload
 * @param {Way} way
 * @returns {Promise<Answer | undefined>} undefined where the file must go whole
 */
export async function sendLarge(around, upload, way) {
  const { journal } = around;
  const { plan } = upload.slots;
  let known = journal.find(upload.mark);
  if (known && known.slot !== way.slot.n) known = undefined;
  if (!known && !plan.intents.length) return undefined;
  const sending = new Sending(around, upload, way);
  const answer = await sending.go(known?.reply ?? "");
  const done = judge(answer) === "stored";
  if (done || way.signal.aborted) await sending.forget(done);
  return answer;
}

/**
 * What has become of what is under way, for whoever opens the link again: "" where nobody can
 * say; and if it is open, how many bytes are there, which takes a moment to find out.
 *
 * @param {Around} around
 * @param {import("./journal.js").Entry} entry
 * @returns {Promise<{ state: string, loaded?: Promise<number> }>}
 */
export async function inspect({ answer, ask, prefix, journal, world }, entry) {
  const text = await answer(entry.reply);
  if (text === undefined) return { state: "" };
  const said = readParts(text, prefix);
  if (said.list) {
    // S3 may have it before its event has reached the bot.
    if ((await world.probe(said.head)).endsWith(`mark=${entry.mark}`)) {
      journal.drop(entry.mark);
      return { state: "arrived" };
    }
    const loaded = list(ask, said).then((have) => (have instanceof Map ? bytesOf(have) : 0));
    return { state: "open", loaded };
  }
  if (said.state) journal.drop(entry.mark);
  return { state: said.state };
}

class Sending {
  /** @type {Parts | undefined} */
  #parts;
  #moved = 0;
  /** The secret under which the bot answers; "" before it was announced. */
  #reply = "";
  /** There was no number left to announce it under. */
  #crowded = false;

  /**
   * @param {Around} around
   * @param {Upload} upload
   * @param {Way} way
   */
  constructor(around, upload, way) {
    this.around = around;
    this.upload = upload;
    this.way = way;
  }

  /**
   * @param {string} reply  under which the bot has been asked for an answer; "" if it was not
   * @returns {Promise<Answer>}
   */
  async go(reply) {
    if (reply) {
      const said = await this.#look(reply);
      // Whoever listens to a signal from now on hears nothing of an end before.
      if (!said || this.way.signal.aborted) return LOST;
      if (said.list) return this.#inParts(said);
      if (said.state) return this.#ended(said.state);
    }
    const { file } = this.upload;
    const { signal } = this.way;
    const { world } = this.around;
    const enough = new AbortController();
    signal.addEventListener("abort", () => enough.abort());
    let whole = file.size <= LARGEST ? this.#whole() : undefined;
    const answered = this.#answered(reply, enough.signal, !whole);
    const shown = whole && Promise.race([whole.answer, world.sleep(SHOWN, signal)]);
    let said = await Promise.race([answered, shown ?? never]);
    if (whole && !said && this.#reply && whole.isSlow()) {
      await whole.stop();
      said = await Promise.race([answered, world.sleep(HOPE, signal)]);
      if (signal.aborted) return LOST;
      const goesWhole = !said || ("state" in said && said.state === "damaged");
      whole = goesWhole ? this.#whole() : undefined;
    }
    said ??= await Promise.race([answered, whole?.answer ?? never]);
    enough.abort();
    if ("status" in said) {
      whole?.stop();
      return said;
    }
    if (whole) {
      await Promise.race([world.sleep(whole.begun + SHOWN - world.now(), signal), whole.answer]);
      const stays = said.list && (whole.isQuick() || whole.isHalfThrough());
      if (stays || said.state === "damaged") return whole.answer;
      await whole.stop();
    }
    return said.list ? this.#inParts(said, new Map()) : this.#ended(said.state);
  }

  /** Begin to send it by a single PUT. */
  #whole() {
    const { file, mark } = this.upload;
    const { slot, signal, progress } = this.way;
    const { world } = this.around;
    const begun = world.now();
    const quit = new AbortController();
    signal.addEventListener("abort", () => quit.abort());
    let loaded = 0;
    const track = (/** @type {number} */ bytes) => {
      loaded = bytes;
      if (!quit.signal.aborted) progress(bytes);
    };
    const answer = world.send(file, slot.put, headers(slot, file, mark), quit.signal, track);
    /** How long it will take at this pace, in ms. */
    const left = () => ((world.now() - begun) * (file.size - loaded)) / loaded;
    return {
      answer,
      begun,
      isQuick: () => left() < QUICK,
      isSlow: () => loaded > 0 && left() > SLOW,
      isHalfThrough: () => 2 * loaded > file.size,
      stop: () => {
        quit.abort();
        return answer;
      },
    };
  }

  /**
   * The upload is no more: what was sent of it is thrown away, unless it has arrived.
   *
   * @param {boolean} arrived
   */
  async forget(arrived) {
    const { ask, journal, world } = this.around;
    journal.drop(this.upload.mark);
    if (arrived) return;
    for (let looks = 0; !this.#parts && this.#reply && looks < LOOKS; looks++) {
      const said = await this.#look(this.#reply);
      if (said?.list) this.#parts = said;
      else await world.sleep(1000, new AbortController().signal);
    }
    if (this.#parts) await ask(this.#parts.abort, "DELETE");
  }

  /**
   * Announce it, unless it was, and wait for what the bot says.
   *
   * @param {string} reply
   * @param {AbortSignal} signal
   * @param {boolean} alone  nothing is sent meanwhile
   * @returns {Promise<import("./parts.js").Said | Answer>}
   */
  async #answered(reply, signal, alone) {
    const { world } = this.around;
    const { slots } = this.upload;
    this.#reply = reply;
    // Each time longer: what the bot has not read in an hour it may read tomorrow.
    for (let patience = ANSWERED; !signal.aborted; patience *= 4) {
      this.#reply ||= await this.#announce(signal);
      if (!this.#reply) return alone ? (this.#crowded ? BUSY : LOST) : never;
      const begun = world.now();
      const until = begun + (alone ? patience : Infinity);
      for (let pause = FIRST_PAUSE; world.now() < until && !signal.aborted; pause *= 1.1) {
        const said = await this.#look(this.#reply);
        if (said?.state) return said;
        if (alone && world.now() > begun + SOON) this.way.wait("unanswered", until);
        await world.sleep(Math.min(pause, 2000), signal);
      }
      if (signal.aborted) break;
      if (await slots.renew("")) return slots.over ? OVER : LOST;
      this.#reply = "";
    }
    return LOST;
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<string>} where the bot will answer; "" if it cannot be announced now
   */
  async #announce(signal) {
    const { world, journal } = this.around;
    const { file, mark, slots } = this.upload;
    const { slot } = this.way;
    const said = headers(slot, file, mark);
    const reply = newReply();
    const intent = JSON.stringify({
      v: 1,
      slot: Number(slot.n),
      size: file.size,
      type: said["Content-Type"],
      disposition: said["Content-Disposition"],
      reply,
    });
    const json = { "Content-Type": "application/json", "If-None-Match": "*" };
    await slots.freshen();
    const tried = new Set();
    let failures = 0;
    for (let looks = 0; looks < 2; looks++) {
      const offered = slots.plan.intents.filter(([number]) => !tried.has(number));
      for (const [number, url] of shuffled(offered, world.random)) {
        tried.add(number);
        const why = judge(await world.send(new Blob([intent]), url, json, signal, () => {}));
        if (why === "stored") {
          const { name, size, lastModified: modified } = file;
          const sample = await this.around.sampleOf(file);
          if (sample) journal.add({ reply, slot: slot.n, mark, name, size, modified, sample });
          return reply;
        }
        if (why === "taken") continue;
        // One without an answer may be there, and a second would take another's room.
        if (why !== "busy" || ++failures === ATTEMPTS) return "";
        await world.sleep(backOff(failures, world.random()), signal);
        if (signal.aborted) return "";
      }
      // All that we knew of are used, or were tried; the plan may have new ones by now.
      await slots.renew("");
    }
    this.#crowded = true;
    return "";
  }

  /** @param {string} reply */
  async #look(reply) {
    const text = await this.around.answer(reply);
    return text === undefined ? undefined : readParts(text, this.around.prefix);
  }

  /**
   * What a word of the bot's comes to. What was announced is over in any case.
   *
   * @param {string} state
   */
  #ended(state) {
    this.around.journal.drop(this.upload.mark);
    this.upload.kept = 0;
    return ENDS[state] ?? BUSY;
  }

  /**
   * @param {Parts} parts
   * @param {import("./carry.js").Have} [none]  known not to be there yet
   * @returns {Promise<Answer>}
   */
  async #inParts(parts, none) {
    this.#parts = parts;
    const have = none ?? (await list(this.around.ask, parts));
    if (this.way.signal.aborted) return LOST;
    if (!(have instanceof Map)) return have.code === "NoSuchUpload" ? this.#gone(parts) : have;
    const end = await this.#carry(parts, have);
    if (end)
      return end.code === "NoSuchUpload" ? this.#gone(parts) : { ...end, moved: this.#moved };
    return this.#complete(parts, have);
  }

  /**
   * @param {Parts} parts
   * @param {import("./carry.js").Have} have  gets what was sent
   * @returns {Promise<Answer | undefined>} why it ended before all was there
   */
  async #carry(parts, have) {
    const { file, slots } = this.upload;
    const { world } = this.around;
    const stop = new AbortController();
    const quit = () => stop.abort();
    this.way.signal.addEventListener("abort", quit);
    let over = false;
    const watch = async () => {
      while (!stop.signal.aborted) {
        await world.sleep(WATCHED, stop.signal);
        if (!stop.signal.aborted) await slots.renew("");
        over ||= Boolean(slots.over);
        if (over) quit();
      }
    };
    watch();
    const { end, moved } = await carry({
      file,
      parts,
      have,
      world,
      signal: stop.signal,
      show: (kept, going) => {
        this.upload.kept = kept;
        this.way.progress(kept + going);
      },
    });
    stop.abort();
    this.#moved = moved;
    if (this.way.signal.aborted) return LOST;
    // It may be full because another tab of ours was faster.
    if (over) return (await this.#isThere(parts)) ? ARRIVED : OVER;
    return end;
  }

  /**
   * Make a file of the parts.
   *
   * @param {Parts} parts
   * @param {import("./carry.js").Have} have
   * @returns {Promise<Answer>}
   */
  async #complete(parts, have) {
    const { ask, world } = this.around;
    const all = { moved: this.#moved, sent: true };
    for (let tries = 1; ; tries++) {
      const { status, body } = await ask(parts.complete, "POST", completion(have));
      const code = tagged("Code", body);
      const answer = { ...LOST, ...all, status, code, message: tagged("Message", body) };
      // S3 may find out that it cannot when it has said 200 already.
      if (status === 200 && code) answer.status = AGAIN.includes(code) ? 503 : 400;
      if (judge(answer) === "stored") return { ...answer, crc: tagged("ChecksumCRC64NVME", body) };
      if (code === "NoSuchUpload") return this.#gone(parts);
      if (await this.#isThere(parts)) return { ...answer, status: 200 };
      // Another page of ours has sent a part again, or the key was free for a moment: once more.
      if (status === 409 || code === "InvalidPart") return status === 409 ? this.#ended("") : BUSY;
      if (!["lost", "busy"].includes(judge(answer)) || tries === ATTEMPTS) return answer;
      await world.sleep(backOff(tries, world.random()), this.way.signal);
      if (this.way.signal.aborted) return LOST;
    }
  }

  /**
   * S3 knows of no such upload: it is complete, or somebody has thrown it away.
   *
   * @param {Parts} parts
   */
  async #gone(parts) {
    if (await this.#isThere(parts)) return ARRIVED;
    const reply = this.around.journal.find(this.upload.mark)?.reply;
    const said = reply && (await this.#look(reply));
    return this.#ended(said ? said.state : "");
  }

  /** @param {Parts} parts */
  async #isThere(parts) {
    const { file, mark } = this.upload;
    const ours = headers(this.way.slot, file, mark)["Content-Disposition"];
    return (await this.around.world.probe(parts.head)) === ours;
  }
}

/** 128 random bits, URL-safe. */
function newReply() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @type {Promise<never>} */
const never = new Promise(() => {});

/**
 * What is there: ETags and sizes by number; or S3's answer where it does not say.
 *
 * @param {Around["ask"]} ask
 * @param {Parts} parts
 */
async function list(ask, parts) {
  /** @type {import("./carry.js").Have} */
  const have = new Map();
  for (const url of parts.list) {
    const { status, body } = await ask(url, "GET");
    if (status !== 200)
      return { ...LOST, status, code: tagged("Code", body), message: tagged("Message", body) };
    for (const [number, part] of listed(body)) {
      // Of another length it is no part of this file.
      const rest = parts.size - (number - 1) * parts.part;
      if (part.size === Math.min(parts.part, rest)) have.set(number, part);
    }
    if (!/<IsTruncated>true</.test(body)) break;
  }
  return have;
}

/**
 * @template T
 * @param {T[]} all
 * @param {() => number} random
 */
function shuffled(all, random) {
  const keyed = all.map((one) => /** @type {const} */ ([random(), one]));
  return keyed.sort(([one], [other]) => one - other).map(([, one]) => one);
}
