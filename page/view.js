/** What can be seen and heard of an upload. */

import { plain } from "./link.js";
import { LARGEST } from "./policy.js";
import { fill } from "./words.js";

/** @typedef {keyof import("./words.js").Words["failures"]} Failure */

/** @type {Failure[]} */
const SAME_FILE_MAY_BE_SENT_AGAIN = ["blocked", "lost", "busy", "moved", "unknown"];
/** @type {Failure[]} */
const ANOTHER_FILE_IS_NEEDED = ["tooMany", "folder", "tooLarge", "unreadable"];
/** @type {Failure[]} */
const WITH_WORDS_OF_S3 = ["busy", "moved", "refused", "unknown"];

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function part(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

export class View {
  #quarters = 0;
  #ticking = 0;

  /**
   * @param {import("./words.js").Words} words
   * @param {ReturnType<typeof import("./format.js").formats>} format
   * @param {import("./link.js").Plan | null} plan
   */
  constructor(words, format, plan) {
    this.words = words;
    this.format = format;
    const { requester: who = "", title = "", ends = Infinity } = plan ?? {};
    /** What any sentence may mention. */
    this.known = {
      who,
      title,
      limit: format.bytes(LARGEST),
      time: ends < Infinity ? format.time(ends) : "",
    };
    this.ended = () => ends <= Date.now();
    const named = title ? words.asks : words.sendTo;
    this.asked = this.#text(who ? named : title ? words.wanted : words.send);
    this.#say("ask", who ? named : title ? words.wanted : words.send);
    this.#say("until", this.known.time && words.until);
    for (const id of /** @type {const} */ ([
      "drop",
      "choose",
      "hint",
      "cancel",
      "again",
      "other",
    ])) {
      this.#say(id, words[id]);
    }
    part("now").textContent = words.now;
    document.title = this.asked;
  }

  /** A file may be given now. */
  get open() {
    return !part("pick").hidden || !part("retry").hidden;
  }

  get busy() {
    return !part("going").hidden;
  }

  ready() {
    this.#layout("ready", "pick");
    document.title = this.asked;
  }

  /** @param {boolean} over  a file is held over the page, and welcome */
  hold(over) {
    document.body.classList.toggle("over", over);
    this.#say("drop", over ? this.words.release : this.words.drop);
  }

  /**
   * @param {import("./upload.js").State} state
   * @param {File} file
   */
  show(state, file) {
    clearInterval(this.#ticking);
    part("now").hidden = state.at !== "waiting";
    if (state.at === "checking") this.#start(file);
    if (state.at === "sending") this.#progress(file, state.loaded, state.speed);
    if (state.at === "waiting") this.#wait(state.why, state.until);
    if (state.at === "failed") this.failure(/** @type {Failure} */ (state.why), state.answer);
    if (state.at === "cancelled") {
      this.ready();
      this.#say("news", this.words.cancelled);
      part("file").focus();
    }
  }

  /** @param {File} file */
  #start(file) {
    this.#quarters = 0;
    const name = plain(file.name, 300);
    this.#layout("going", "going");
    this.#say("name", name);
    this.#say("size", this.format.bytes(file.size));
    this.#bar(0);
    this.#say("pace", this.words.checking);
    this.#say("news", this.words.started, { name });
    part("going").focus();
  }

  /**
   * @param {File} file
   * @param {number} loaded  bytes
   * @param {number} speed  bytes per second
   */
  #progress({ name, size }, loaded, speed) {
    const { words, format } = this;
    const ratio = size ? Math.min(1, loaded / size) : 1;
    const percent = format.percent(ratio);
    const values = {
      loaded: format.bytes(loaded),
      total: format.bytes(size),
      speed: format.speed(speed),
      time: speed ? format.duration((size - loaded) / speed) : "",
    };
    this.#bar(ratio);
    this.#say("pace", ratio === 1 ? words.storing : speed ? words.left : words.pace, values);
    const what = this.known.title || plain(name, 100);
    document.title = this.#text(words.sending, { percent, what });
    // A listener is told of quarters, not of every percent.
    const quarters = Math.floor(ratio * 4);
    if (quarters > this.#quarters && quarters < 4) this.#say("news", words.milestone, { percent });
    this.#quarters = quarters;
  }

  /** @param {number} ratio */
  #bar(ratio) {
    this.#say("percent", this.format.percent(ratio));
    part("bar").setAttribute("value", String(ratio));
  }

  /**
   * @param {string} why
   * @param {number} until  ms since 1970, or Infinity
   */
  #wait(why, until) {
    const sentence = this.words[/** @type {"offline" | "lost" | "busy"} */ (why)];
    const tick = (/** @type {string} */ id) => {
      const seconds = Math.max(0, until - Date.now()) / 1000;
      this.#say(id, sentence, { time: this.format.duration(seconds) });
    };
    tick("pace");
    tick("news");
    // One PUT cannot be resumed: what was sent does not count.
    this.#bar(0);
    this.#ticking = setInterval(tick, 1000, "pace");
  }

  /**
   * @param {Failure} why
   * @param {import("./policy.js").Answer} [answer]
   */
  failure(why, answer) {
    const { words, known } = this;
    const [heading, reason, next] = /** @type {[string, string, string]} */ (words.failures[why]);
    this.#layout("failed", "end", ANOTHER_FILE_IS_NEEDED.includes(why) ? "pick" : "");
    this.#say("why", reason);
    this.#say("next", next, { who: known.who ? this.#text(words.named) : words.sender });
    const code = plain(`${answer?.status} ${answer?.code} ${answer?.message}`, 200);
    const telling = answer?.status && WITH_WORDS_OF_S3.includes(why);
    this.#say("answer", telling ? words.answer : "", { code });
    part("retry").hidden = !SAME_FILE_MAY_BE_SENT_AGAIN.includes(why);
    part("receipt").hidden = true;
    if (why === "expired") this.#say("until", this.ended() ? words.closed : "");
    this.#outcome(heading);
  }

  /** @param {import("./receipt.js").Receipt} receipt */
  receipt({ name, size, at }) {
    const { words, known, format } = this;
    this.#layout("done", "end");
    for (const id of ["until", "why", "answer"]) this.#say(id, "");
    this.#say("next", words.close);
    part("retry").hidden = true;
    const rows = /** @type {[string, string][]} */ ([
      [words.name, plain(name, 300)],
      [words.size, format.bytes(size)],
      [words.at, format.time(at)],
      [words.for, known.title],
      [words.to, known.who],
    ]).filter(([, value]) => value);
    part("receipt").replaceChildren(
      ...rows.flatMap(([term, value]) => [element("dt", term), element("dd", value)]),
    );
    part("receipt").hidden = false;
    this.#outcome(words.done);
  }

  /** @param {string} heading */
  #outcome(heading) {
    this.#say("outcome", heading);
    document.title = heading;
    // The heading is read out because it gets the focus; as news it would be said twice.
    this.#say("news", "");
    part("outcome").focus();
  }

  /**
   * @param {string} at  styles the whole page
   * @param {string[]} sections  those to be seen
   */
  #layout(at, ...sections) {
    document.body.className = at;
    for (const id of ["end", "pick", "going"]) part(id).hidden = !sections.includes(id);
  }

  /**
   * @param {string} sentence
   * @param {Record<string, string>} [values]
   */
  #text(sentence, values) {
    const pieces = fill(sentence, { ...this.known, ...values });
    return pieces.map((piece) => piece.text).join("");
  }

  /**
   * Put a sentence on the page; what a stranger may have chosen cannot turn the text around it.
   *
   * @param {string} id
   * @param {string} sentence  "" hides the place
   * @param {Record<string, string>} [values]
   */
  #say(id, sentence, values) {
    const pieces = fill(sentence, { ...this.known, ...values });
    part(id).replaceChildren(
      ...pieces.map(({ text, apart }) => (apart ? element("bdi", text) : text)),
    );
    part(id).hidden = !sentence;
  }
}

/**
 * @param {string} name
 * @param {string} text
 */
function element(name, text) {
  const made = document.createElement(name);
  made.dir = "auto";
  made.textContent = text;
  return made;
}
