/**
 * A large file's way to S3: whole, as long as that is quick, or in parts. Seen from outside it
 * is one PUT: it ends with an answer like one. What it needs of the world is handed in.
 *
 * The file is announced and sent at the same moment. Once the bot has said how it goes on in
 * parts, one of the two ways is left: a single connection that will be through in a few seconds
 * stays, as nothing is faster on a clean line; anything slower makes way for parts, of which six
 * at a time fill a long or lossy line, and which need not be sent again after a break.
 */

import { sampleOf } from "./journal.js";
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
 * @property {(n: string) => Promise<string | undefined>} answer  what the bot says to an
 *   announcement, unread; "" if nothing yet, undefined if it cannot be fetched
 * @property {(url: string, method: string, body?: string) => Promise<Reply>} ask  S3; never rejects
 * @property {(mark: string) => boolean} busy  another file of this page has this mark
 */

/**
 * @typedef {object} Reply
 * @property {number} status  HTTP status; 0 when none came
 * @property {string} body
 */

/** A single PUT that will be through in this time, in ms, is left alone. */
const QUICK = 10_000;

/** How long the bot may take to answer one announcement before the next is made, in ms. */
const ANSWERED = 30_000;

/** Requests to one host at a time: browsers open no more connections (HTTP/1.1). */
const LANES = 6;

/** So many failures in a row, with nothing sent meanwhile, and the whole upload pauses. */
const FAILURES = 2 * LANES;

/** How often it is looked whether the link is still open, in ms. */
const WATCHED = 10_000;

/** How often completing is tried, before the whole upload pauses. */
const COMPLETED = 4;

/** Ends that look like S3's, so that they are judged like S3's. */
const LOST = { status: 0, code: "", message: "", moved: 0, sent: false };
const BUSY = { ...LOST, status: 503 };
const TAKEN = { ...LOST, status: 412 };
/** The link has to be looked at: it is over, or will be signed anew. */
const OVER = { ...LOST, status: 403, message: "expired" };

/** What each word of the bot's comes to, but for "open". @type {Record<string, Answer>} */
const ENDS = {
  arrived: TAKEN,
  taken: TAKEN,
  refused: { ...LOST, status: 413 },
  closed: OVER,
};

/** How many lanes of each host are taken, by all large files of the page. @type {number[]} */
const taken = [];
/** Who waits for one. @type {(() => void)[]} */
let queue = [];

/**
 * Whether the file was under way before: then it goes on, in its place and under its mark.
 *
 * @param {Around} around
 * @param {Upload} upload
 * @returns {Promise<boolean>} another file of this name was
 */
export async function recognise({ journal, busy }, upload) {
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
  const answer = await sending.go(known?.n ?? "");
  const done = judge(answer) === "stored";
  if (done || way.signal.aborted) await sending.forget(done);
  return answer;
}

/**
 * How far what is under way is, for whoever opens the link again. Its state is "" where nobody
 * can say.
 *
 * @param {Around} around
 * @param {import("./journal.js").Entry} entry
 * @returns {Promise<{ state: string, loaded: number }>}
 */
export async function inspect({ answer, ask, prefix, journal }, entry) {
  const text = await answer(entry.n);
  if (text === undefined) return { state: "", loaded: 0 };
  const said = readParts(text, prefix);
  if (!said.list) {
    if (said.state) journal.drop(entry.mark);
    return { state: said.state, loaded: 0 };
  }
  const have = await list(ask, said);
  return have instanceof Map ? { state: "open", loaded: sum(have) } : { state: "", loaded: 0 };
}

class Sending {
  /** @type {Parts | undefined} */
  #parts;
  #moved = 0;

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
   * @param {string} n  under which it was announced; "" if it was not
   * @returns {Promise<Answer>}
   */
  async go(n) {
    if (n) {
      const said = await this.#look(n);
      if (!said) return LOST;
      if (said.list) return this.#inParts(said);
      if (said.state) return this.#ended(said.state);
    }
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
    const whole =
      file.size <= LARGEST
        ? world.send(file, slot.put, headers(slot, file, mark), quit.signal, track)
        : undefined;
    const said = await Promise.race([this.#answered(n, quit.signal, !whole), whole ?? never]);
    if ("status" in said) {
      quit.abort();
      return said;
    }
    const left = ((world.now() - begun) * (file.size - loaded)) / loaded;
    if (whole && said.state === "open" && left < QUICK) return whole;
    quit.abort();
    await whole;
    return said.list ? this.#inParts(said, new Map()) : this.#ended(said.state);
  }

  /**
   * The upload is no more: what was sent of it is thrown away, unless it has arrived.
   *
   * @param {boolean} arrived
   */
  async forget(arrived) {
    this.around.journal.drop(this.upload.mark);
    if (!arrived && this.#parts) await this.around.ask(this.#parts.abort, "DELETE");
  }

  /**
   * Announce it, unless it was, and wait for what the bot says.
   *
   * @param {string} n
   * @param {AbortSignal} signal
   * @param {boolean} alone  nothing is sent meanwhile
   * @returns {Promise<import("./parts.js").Said | Answer>}
   */
  async #answered(n, signal, alone) {
    const { world } = this.around;
    const { slots } = this.upload;
    for (let number = n; !signal.aborted; number = "") {
      number ||= await this.#announce(signal);
      if (!number) return alone ? LOST : never;
      const until = world.now() + (alone ? ANSWERED : Infinity);
      for (let pause = 300; world.now() < until && !signal.aborted; pause *= 1.3) {
        const said = await this.#look(number);
        if (said?.state) return said;
        if (alone) this.way.wait("unanswered", until);
        await world.sleep(Math.min(pause, 2000), signal);
      }
      if (await slots.renew("")) return slots.over ? OVER : LOST;
    }
    return LOST;
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<string>} the number that it is announced under; "" if it cannot be now
   */
  async #announce(signal) {
    const { world, journal } = this.around;
    const { file, mark, slots } = this.upload;
    const { slot } = this.way;
    const said = headers(slot, file, mark);
    const intent = JSON.stringify({
      v: 1,
      slot: Number(slot.n),
      size: file.size,
      type: said["Content-Type"],
      disposition: said["Content-Disposition"],
    });
    const json = { "Content-Type": "application/json", "If-None-Match": "*" };
    await slots.freshen();
    for (const [n, url] of shuffled(slots.plan.intents, world.random)) {
      const { status } = await world.send(new Blob([intent]), url, json, signal, () => {});
      if (status >= 200 && status < 300) {
        const { name, size, lastModified: modified } = file;
        const sample = await sampleOf(file);
        if (sample) journal.add({ n, slot: slot.n, mark, name, size, modified, sample });
        return n;
      }
      if (status !== 412) return "";
    }
    // All that we knew of are used by others; the plan has new ones by now.
    await slots.renew("");
    return "";
  }

  /** @param {string} n */
  async #look(n) {
    const text = await this.around.answer(n);
    return text === undefined ? undefined : readParts(text, this.around.prefix);
  }

  /**
   * What a word of the bot's comes to. What was announced is over in any case.
   *
   * @param {string} state
   */
  #ended(state) {
    this.around.journal.drop(this.upload.mark);
    return ENDS[state] ?? BUSY;
  }

  /**
   * @param {Parts} parts
   * @param {Map<number, { etag: string, size: number }>} [none]  known not to be there yet
   * @returns {Promise<Answer>}
   */
  async #inParts(parts, none) {
    this.#parts = parts;
    const have = none ?? (await list(this.around.ask, parts));
    if (!(have instanceof Map)) return have.code === "NoSuchUpload" ? this.#gone(parts) : have;
    const end = await this.#send(parts, have);
    if (end)
      return end.code === "NoSuchUpload" ? this.#gone(parts) : { ...end, moved: this.#moved };
    return this.#complete(parts, have);
  }

  /**
   * Send what is not there, the first parts first.
   *
   * @param {Parts} parts
   * @param {Map<number, { etag: string, size: number }>} have  gets what was sent
   * @returns {Promise<Answer | undefined>} why it ended before all was there
   */
  async #send(parts, have) {
    const { file, slots } = this.upload;
    const { world } = this.around;
    const stop = new AbortController();
    this.way.signal.addEventListener("abort", () => stop.abort());
    const left = Array.from({ length: parts.count }, (_, i) => i + 1).filter((n) => !have.has(n));
    /** Bytes of the parts on their way. @type {Map<number, number>} */
    const going = new Map();
    /** Hosts that cannot be reached, though the first can. */
    const silent = new Set();
    let failures = 0;
    /** @type {Answer | undefined} */
    let end;
    const finish = (/** @type {Answer} */ why) => {
      end ??= why;
      stop.abort();
    };
    const show = () => {
      if (stop.signal.aborted) return;
      this.upload.kept = sum(have);
      this.way.progress(
        this.upload.kept + [...going.values()].reduce((so, bytes) => so + bytes, 0),
      );
    };

    const carry = async (/** @type {number} */ number, /** @type {number} */ host) => {
      const begin = (number - 1) * parts.part;
      const slice = file.slice(begin, begin + parts.part);
      const answer = await world.send(slice, parts.put(number, host), {}, stop.signal, (bytes) => {
        this.#moved += Math.max(0, bytes - (going.get(number) ?? 0));
        going.set(number, bytes);
        show();
      });
      going.delete(number);
      if (judge(answer) === "stored" && answer.etag) {
        have.set(number, { etag: answer.etag, size: slice.size });
        show();
        return undefined;
      }
      left.unshift(number);
      return answer;
    };

    const lane = async (/** @type {number} */ host) => {
      for (let tries = 0; left.length && !stop.signal.aborted && !silent.has(host); ) {
        await enter(host);
        const number = stop.signal.aborted ? undefined : left.shift();
        const failed = number && (await carry(number, host));
        leave(host);
        if (!failed) {
          failures = tries = 0;
          continue;
        }
        const why = judge(failed);
        if (why !== "lost" && why !== "busy") finish(failed);
        else if (host && !failed.moved && ++tries === 3) silent.add(host);
        else if (++failures >= FAILURES) finish(failed);
        else await world.sleep(backOff(Math.max(1, tries), world.random()), stop.signal);
      }
    };

    const watch = async () => {
      while (!stop.signal.aborted) {
        await world.sleep(WATCHED, stop.signal);
        if (!stop.signal.aborted) await slots.renew("");
        if (slots.over) finish(OVER);
      }
    };

    show();
    watch();
    // Lanes end where nothing is left; one that failed at the very end leaves something again.
    while (left.length && !stop.signal.aborted) {
      const lanes = Array.from({ length: LANES * parts.hosts }, (_, i) => i % parts.hosts);
      await Promise.all(lanes.map(lane));
    }
    stop.abort();
    return end ?? (this.way.signal.aborted ? LOST : undefined);
  }

  /**
   * Make a file of the parts.
   *
   * @param {Parts} parts
   * @param {Map<number, { etag: string, size: number }>} have
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
      if (status === 200 && code) answer.status = code === "InvalidPart" ? 400 : 503;
      if (judge(answer) === "stored") return { ...answer, crc: tagged("ChecksumCRC64NVME", body) };
      if (code === "NoSuchUpload") return this.#gone(parts);
      if (await this.#isThere(parts)) return { ...answer, status: 200 };
      // Another page of ours has sent a part again, or the key was free for a moment: once more.
      if (status === 409 || code === "InvalidPart") return status === 409 ? this.#ended("") : BUSY;
      if (!["lost", "busy"].includes(judge(answer)) || tries === COMPLETED) return answer;
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
    if (await this.#isThere(parts)) return { ...LOST, status: 200, sent: true };
    const n = this.around.journal.find(this.upload.mark)?.n;
    const said = n && (await this.#look(n));
    return this.#ended(said ? said.state : "");
  }

  /** @param {Parts} parts */
  async #isThere(parts) {
    const { file, mark } = this.upload;
    const ours = headers(this.way.slot, file, mark)["Content-Disposition"];
    return (await this.around.world.probe(parts.head)) === ours;
  }
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
  const have = new Map();
  for (const url of parts.list) {
    const { status, body } = await ask(url, "GET");
    if (status !== 200)
      return { ...LOST, status, code: tagged("Code", body), message: tagged("Message", body) };
    for (const [number, part] of listed(body)) have.set(number, part);
    if (!/<IsTruncated>true</.test(body)) break;
  }
  return have;
}

/** @param {Map<number, { size: number }>} parts */
function sum(parts) {
  return [...parts.values()].reduce((so, { size }) => so + size, 0);
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

/** Wait for one of a host's lanes. @param {number} host */
async function enter(host) {
  while ((taken[host] ?? 0) >= LANES) {
    await new Promise((free) => queue.push(() => free(undefined)));
  }
  taken[host] = (taken[host] ?? 0) + 1;
}

/** @param {number} host */
function leave(host) {
  taken[host] = (taken[host] ?? 1) - 1;
  const woken = queue;
  queue = [];
  for (const wake of woken) wake();
}
