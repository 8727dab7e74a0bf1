/** All that one opening of the page sends: which files, in which order, and how far they are. */

import { AT_ONCE, backOff, coverNote, judge, meter, newMark, refusal, TRIES } from "./policy.js";
import { Upload } from "./upload.js";

export class Sitting {
  /** @type {Upload[]} */
  uploads = [];
  #count = 0;
  #told = false;
  #measure = meter();

  /**
   * @param {import("./slots.js").Slots} slots
   * @param {import("./upload.js").World} world
   * @param {(upload: Upload) => void} show  told of every move of every file
   */
  constructor(slots, world, show) {
    this.slots = slots;
    this.world = world;
    this.mark = newMark(world.random);
    this.show = show;
  }

  /** How many more files may be given. */
  get room() {
    const { slots, uploads } = this;
    const waiting = uploads.filter((u) => (u.busy || u.at === "queued") && !u.placed).length;
    return slots.over ? 0 : Math.max(0, slots.free.length - waiting);
  }

  get busy() {
    return this.uploads.some((upload) => upload.busy || upload.at === "queued");
  }

  /** What is shown as one: bytes and files that are there, of all, and bytes per second. */
  get total() {
    const wanted = this.uploads.filter(({ at }) => at !== "cancelled");
    const sum = (/** @type {(upload: Upload) => number} */ of) =>
      wanted.reduce((so, upload) => so + of(upload), 0);
    const loaded = sum((upload) => upload.loaded);
    return {
      files: wanted.length,
      done: wanted.filter(({ at }) => at === "done").length,
      size: sum(({ file }) => file.size),
      loaded,
      speed: this.#measure(this.world.now(), loaded),
    };
  }

  /**
   * Give it files. Sends all of them, or none and says why.
   *
   * @param {File[]} files
   * @param {{ name: string, note: string }} sender
   */
  add(files, sender) {
    const why = refusal(files, this.room, this.slots.plan.limit);
    if (why) return why;
    this.#tell(files, sender);
    if (!this.busy) {
      // A new beginning; a single failure is forgotten, as another file stands in for it.
      const before = this.uploads;
      this.uploads = before.filter(
        ({ at, file }) =>
          at === "failed" && (before.length > 1 || files.some((given) => same(given, file))),
      );
      this.#measure = meter();
    }
    for (const file of files) {
      // What is known of a file that was lost is known when it is chosen again.
      const known = this.uploads.find((u) => u.at === "failed" && same(u.file, file));
      if (known) {
        known.file = file;
        known.queue();
      } else {
        const mark = `${this.mark}.${++this.#count}`;
        this.uploads.push(new Upload(file, mark, this.slots, this.world, this.show));
      }
    }
    this.#next();
    return "";
  }

  /**
   * Send again what had failed or was cancelled.
   *
   * @param {Upload[]} uploads
   */
  again(uploads) {
    for (const upload of uploads) upload.queue();
    this.#next();
  }

  /**
   * Stop what is not there yet.
   *
   * @param {Upload[]} uploads
   */
  cancel(uploads) {
    for (const upload of uploads) {
      if (upload.busy || upload.at === "queued") upload.cancel();
    }
    this.#next();
  }

  #next() {
    let going = this.uploads.filter((upload) => upload.busy).length;
    for (const upload of this.uploads) {
      if (upload.at === "queued" && going++ < AT_ONCE) upload.start().then(() => this.#next());
    }
  }

  /**
   * Say once who sends what. The files go whatever becomes of it.
   *
   * @param {File[]} files
   * @param {{ name: string, note: string }} sender
   */
  async #tell(files, sender) {
    if (this.#told) return;
    this.#told = true;
    const note = new Blob([coverNote(this.mark, sender, files)]);
    const headers = { "Content-Type": "application/json", "If-None-Match": "*" };
    const never = new AbortController().signal;
    await this.slots.freshen();
    for (const url of this.slots.plan.covers) {
      let why = "";
      for (let tries = 1; tries < TRIES; tries++) {
        why = judge(await this.world.send(note, url, headers, never, () => {}));
        if (why !== "lost" && why !== "busy") break;
        await this.world.sleep(backOff(tries, this.world.random()), never);
      }
      // Taken: another uploader has used it.
      if (why !== "taken") break;
    }
  }
}

/**
 * @param {File} one
 * @param {File} other
 */
function same(one, other) {
  return ["name", "size", "lastModified"].every(
    (key) => one[/** @type {"name"} */ (key)] === other[/** @type {"name"} */ (key)],
  );
}
