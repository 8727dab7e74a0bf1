/**
 * A bucket, a bot and a clock for tests of files that go in parts: what S3 and the bot would
 * say, in no time, and whatever a test wants to go wrong.
 */

import { Journal } from "../../page/journal.js";
import { recognise, sendLarge } from "../../page/large.js";
import { readPlan } from "../../page/plan.js";
import { Slots } from "../../page/slots.js";
import { Upload } from "../../page/upload.js";

export const MIB = 1024 ** 2;
const FOLDER = "https://bucket.s3.eu-central-1.amazonaws.com/uploads/2026/11/24/link/";
export const PREFIX =
  "https://bucket.s3.eu-central-1.amazonaws.com/uploads/ https://bucket.s3.dualstack.eu-central-1.amazonaws.com/uploads/";
const DUAL = FOLDER.replace(".s3.", ".s3.dualstack.");
const HEX = "ab".repeat(32);

/** A file of `size` bytes that needs no room. */
export function aFile(size, name = "film.mp4", more = {}) {
  const part = (from, to) => ({
    size: Math.max(0, Math.min(to, size) - from),
    slice: (begin, end) => part(from + begin, Math.min(from + end, to)),
    arrayBuffer: async () => new ArrayBuffer(8),
  });
  return { ...part(0, size), name, type: "video/mp4", lastModified: 7, ...more };
}

export function storage() {
  const kept = new Map();
  return {
    kept,
    setItem: (key, value) => kept.set(key, value),
    getItem: (key) => kept.get(key) ?? null,
  };
}

/** Time that passes when everybody waits for it. */
class Clock {
  now = 1_000_000_000_000;
  #sleepers = [];
  #running = false;

  sleep(ms, signal) {
    return new Promise((wake) => {
      const sleeper = { at: this.now + Math.max(0, ms), wake };
      if (signal?.aborted) return wake();
      signal?.addEventListener("abort", () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        wake();
      });
      if (ms < Infinity) this.#sleepers.push(sleeper);
      this.#run();
    });
  }

  #run() {
    if (this.#running) return;
    this.#running = true;
    // All that can happen without time has happened.
    setImmediate(() => {
      this.#running = false;
      this.#sleepers.sort((one, other) => one.at - other.at);
      const next = this.#sleepers.shift();
      if (!next) return;
      this.now = next.at;
      next.wake();
      this.#run();
    });
  }
}

/**
 * @param {object} [how]
 *   `rate`: bytes a second on each connection; `answers`: ms until the bot answers, Infinity for
 *   never; `version`: of what it says; `first`: ms until anything moves;
 *   `hosts`: how many the bucket has; `part`: how long a part is; `slots`: how many;
 *   `wrong`: asked before each request, gives an answer to it if it goes wrong; `slow`: asked how
 *   many times as long as others it takes; `breaks`: whether it does when that share of it is out;
 *   `limit`: of the link
 */
export function aBucket(how = {}) {
  const {
    rate = MIB,
    answers = 500,
    hosts = 1,
    part = 5 * MIB,
    slots = 1,
    version = 1,
    first = 0,
    limit = 100 * 1024 ** 3,
  } = how;
  const clock = new Clock();
  const it = {
    clock,
    wrong: how.wrong ?? (() => undefined),
    slow: how.slow ?? (() => 1),
    breaks: how.breaks ?? (() => false),
    online: true,
    over: "",
    signing: 1,
    log: [], // of requests: [method, what, bytes that came in, host]
    stored: new Map(), // the Content-Disposition by slot
    uploads: new Map(), // by upload id: { slot, size, disposition, parts: Map }
    announced: new Map(), // by number: { upload, at } or what has become of it
    states: [],
    most: 0,
  };
  const store = storage();
  const ms = (bytes) => (1000 * bytes) / rate;
  let flying = 0;

  const date = () => `20261124T0000${String(it.signing).padStart(2, "0")}Z`;
  const query = () =>
    `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20261124%2Feu%2Fs3%2Faws4_request&X-Amz-Date=${date()}&X-Amz-Expires=604800`;
  const plan = () =>
    it.over
      ? { v: 1, state: it.over, for: "", from: "" }
      : {
          v: 1,
          state: "open",
          limit,
          base: FOLDER,
          query: query(),
          slots: Object.fromEntries(
            Array.from({ length: slots }, (_, i) => [`${i + 1}`, [HEX, HEX]]).filter(
              ([n]) => !it.stored.has(n),
            ),
          ),
          covers: {},
          intents: Object.fromEntries(
            Array.from({ length: 20 }, (_, i) => [`${i + 1}`, HEX]).filter(
              ([n]) => !it.announced.has(n),
            ),
          ),
        };

  const look = async (reply) => {
    await clock.sleep(20);
    const said = [...it.announced.values()].find((one) => one.reply === reply);
    if (!it.online || !said) return it.online ? "" : undefined;
    if (said.state) return JSON.stringify({ v: 1, state: said.state });
    if (clock.now < said.at + (it.answers ?? answers)) return "";
    const { slot, size } = said;
    if (!said.id) {
      said.id = `id/${it.uploads.size + 1}`;
      it.uploads.set(said.id, { ...said, parts: new Map() });
    }
    const count = Math.ceil(size / part);
    return JSON.stringify({
      v: version,
      state: "open",
      slot: Number(slot),
      size,
      part,
      upload: said.id,
      bases: [FOLDER, DUAL].slice(0, hosts),
      query: query(),
      parts: Array(hosts).fill(Buffer.alloc(32 * count, 0xab).toString("base64")),
      list: Array(Math.ceil(count / 1000)).fill(HEX),
      complete: HEX,
      abort: HEX,
      head: HEX,
    });
  };

  const LOST = { status: 0 };
  const send = async (file, url, headers, signal, progress, method = "PUT") => {
    const { host, pathname, searchParams: said } = new URL(url);
    const key = pathname.split("/link/")[1];
    const id = said.get("uploadId");
    const number = Number(said.get("partNumber"));
    const what = key.startsWith("intent/")
      ? "intent"
      : id
        ? number
          ? `part ${number}`
          : "upload"
        : "file";
    const size = file?.size ?? 0;
    const entry = [method, what, 0, host];
    it.log.push(entry);
    const nth = it.log.filter(([, other]) => other === what).length;
    const request = { method, what, nth, key, host, file, headers, query: said };
    const end = (answer) => ({
      code: "",
      message: "",
      moved: entry[2],
      sent: entry[2] === size,
      text: "",
      ...answer,
    });
    flying++;
    it.most = Math.max(it.most, flying);
    await clock.sleep(first, signal);
    const pace = it.slow(request);
    let broken = false;
    const steps = Math.max(1, Math.min(1000, Math.round(ms(size) / 200)));
    for (let step = 1; step <= steps; step++) {
      await clock.sleep((pace * (20 + ms(size))) / steps, signal);
      if (signal.aborted || !it.online) break;
      if (it.breaks(request, step / steps)) {
        broken = true;
        break;
      }
      entry[2] = (size * step) / steps;
      progress(entry[2]);
    }
    flying--;
    if (signal.aborted || broken || !it.online) return end(LOST);
    const wrong = it.wrong(request, it);
    if (wrong && !wrong.after) return end({ moved: 0, sent: false, ...wrong });
    const answer = end(await serve(request, id, number));
    return wrong ? end(wrong.after) : answer;
  };

  const serve = async ({ method, what, key, file, headers }, id, number) => {
    if (what === "intent") {
      const n = key.split("/")[1];
      if (it.announced.has(n)) return { status: 412, code: "PreconditionFailed" };
      const said = JSON.parse(await file.text());
      it.announced.set(n, { ...said, slot: String(said.slot), at: clock.now });
      return { status: 200 };
    }
    if (what === "file") {
      if (it.stored.has(key)) return { status: 412, code: "PreconditionFailed" };
      it.stored.set(key, headers["Content-Disposition"]);
      return { status: 200, crc: "single" };
    }
    const upload = it.uploads.get(id);
    if (!upload) return { status: 404, code: "NoSuchUpload" };
    if (method === "PUT") {
      upload.parts.set(number, file.size);
      return { status: 200, etag: `"e${number}"` };
    }
    if (method === "DELETE") {
      it.uploads.delete(id);
      return { status: 204 };
    }
    if (method === "GET") return { status: 200, text: listed(upload) };
    if (it.stored.has(key)) return { status: 412, code: "PreconditionFailed" };
    const said = [...(await file.text()).matchAll(/<PartNumber>(\d+)<.*?<ETag>"e(\d+)"</g)];
    if (said.length !== Math.ceil(upload.size / part) || said.some(([, n, e]) => n !== e))
      return { status: 400, code: "InvalidPart" };
    it.stored.set(key, upload.disposition);
    it.uploads.delete(id);
    return {
      status: 200,
      text: "<CompleteMultipartUploadResult><ChecksumCRC64NVME>whole</ChecksumCRC64NVME></CompleteMultipartUploadResult>",
    };
  };

  const listed = ({ parts }) =>
    `<ListPartsResult><IsTruncated>false</IsTruncated>${[...parts]
      .map(
        ([number, size]) =>
          `<Part><PartNumber>${number}</PartNumber><ETag>&quot;e${number}&quot;</ETag><Size>${size}</Size></Part>`,
      )
      .join("")}</ListPartsResult>`;

  it.part = part;
  it.page = () => {
    const world = {
      send,
      probe: async (url) => it.stored.get(new URL(url).pathname.split("/link/")[1]) ?? "",
      ourTime: async () => 0,
      readable: async () => true,
      online: () => it.online,
      now: () => clock.now,
      random: () => 0,
      sleep: (ms, signal) => clock.sleep(ms, signal),
      large: async (upload, way) => {
        if (way) return sendLarge(around, upload, way);
        it.another = await recognise(around, upload);
        return undefined;
      },
    };
    const around = {
      world,
      journal: new Journal(
        () => store,
        () => "parts",
      ),
      prefix: PREFIX,
      answer: look,
      busy: () => false,
      sampleOf: async () => "sample",
      ask: async (url, method, body) => {
        const file = body && { size: body.length, text: async () => body };
        const never = new AbortController().signal;
        const { status, text, code, message } = await send(file, url, {}, never, () => {}, method);
        const error = code
          ? `<Error><Code>${code}</Code><Message>${message}</Message></Error>`
          : "";
        return { status, body: text || error };
      },
    };
    const ask = async () => readPlan(JSON.stringify(plan()), PREFIX);
    const slots = new Slots(readPlan(JSON.stringify(plan()), PREFIX), ask, world);
    const upload = (file, mark = "mark.1") =>
      new Upload(file, mark, slots, world, ({ state }) => it.states.push(state));
    return { world, slots, upload, around, journal: around.journal };
  };
  /** What came in of a kind, by the log. */
  it.sent = (what) => it.log.filter(([method, name]) => method === "PUT" && name.startsWith(what));
  it.bytes = () =>
    it.log.reduce((sum, [method, , bytes]) => sum + (method === "PUT" ? bytes : 0), 0);
  return it;
}
