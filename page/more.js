/** What few visits need, fetched when it is needed: large files, folders, and a file without a browser. */

import { curlLine } from "./curl.js";
import { unpack } from "./folders.js";
import { Journal } from "./journal.js";
import { inspect, recognise, sendLarge } from "./large.js";
import { fetchPlan } from "./transport.js";

/** What is said of large files, added to what the page says. */
const SAID = {
  en: {
    unanswered: "The other side has not answered yet. Asking again in {time}.",
    another: "This is not the {name} that was under way, so it is sent from the beginning.",
    under: "{name} was under way: {percent} of {total} is there. Choose the same file to go on.",
    unknown: "{name} was under way. Choose the same file to go on.",
  },
  ja: {
    unanswered: "受け取り側の準備を待っています。{time}後にもう一度確認します。",
    another: "送信途中だった {name} とは別のファイルのため、最初から送信します。",
    under:
      "{name} は送信途中です（{total} のうち {percent} が到着済み）。同じファイルを選ぶと続きから送信します。",
    unknown: "{name} は送信途中です。同じファイルを選ぶと続きから送信します。",
  },
};

/** S3 may take minutes to put a large file together. */
const PATIENCE = 15 * 60_000;

/**
 * What the page hands in.
 *
 * @typedef {object} Page
 * @property {import("./upload.js").World} world
 * @property {Record<string, any>} words  get those of large files, too
 * @property {"en" | "ja"} lang
 * @property {typeof import("./dom.js").say} say
 * @property {ReturnType<typeof import("./format.js").formats>} format
 * @property {string} id  the link's
 * @property {() => string} memory  what this browser remembers of the link begins with it
 * @property {{ sitting: import("./sitting.js").Sitting | null }} shown
 */

/** @typedef {import("./upload.js").Upload} Upload */

/**
 * @param {Page} page
 * @returns {import("./large.js").Around}
 */
function around(page) {
  Object.assign(page.words, SAID[page.lang]);
  const meta = document.querySelector("meta[name=upload-prefix]");
  return {
    world: page.world,
    prefix: meta?.getAttribute("content") ?? "",
    answer: (n) => fetchPlan(`${page.id}/${n}`),
    journal: new Journal(
      () => localStorage,
      () => `${page.memory()}+`,
    ),
    ask: request,
    busy: (mark) =>
      page.shown.sitting?.uploads.some((one) => one.mark === mark && one.busy) ?? false,
  };
}

/**
 * See `Large`.
 *
 * @param {Page} page
 * @param {Upload} upload
 * @param {import("./upload.js").Way} [way]
 */
export async function large(page, upload, way) {
  if (way) return sendLarge(around(page), upload, way);
  const another = await recognise(around(page), upload);
  page.say("under", another ? SAID[page.lang].another : "", { name: upload.file.name });
  return undefined;
}

/**
 * Say what is under way, to whoever opens the link again.
 *
 * @param {Page} page
 * @param {(file: import("./receipt.js").Delivered) => void} arrived  told of what had arrived unseen
 */
export async function greet(page, arrived) {
  const here = around(page);
  const place = /** @type {HTMLElement} */ (document.getElementById("under"));
  const said = SAID[page.lang];
  const looks = here.journal.entries.map(async (entry) => {
    const { mark, name, size } = entry;
    const line = place.appendChild(document.createElement("p"));
    place.hidden = false;
    page.say(line, said.unknown, { name });
    const { state, loaded } = await inspect(here, entry);
    if (state === "arrived") arrived({ mark, name, size, at: Date.now() });
    if (state === "open") {
      const percent = page.format.percent(loaded / size);
      page.say(line, said.under, { name, percent, total: page.format.bytes(size) });
    } else if (state) page.say(line);
  });
  await Promise.all(looks);
}

/** What was dropped, with what is in it. @param {(FileSystemEntry | null)[]} entries */
export async function folders(entries) {
  return unpack(entries);
}

/**
 * A line that sends a file, and the button that copies it.
 *
 * @param {HTMLTextAreaElement} command
 * @param {import("./plan.js").Slot | undefined} slot
 * @param {Page["say"]} say
 * @param {{ copy: string }} words
 */
export function curl(command, slot, say, words) {
  command.value = slot ? curlLine(slot) : "";
  const copy = /** @type {HTMLElement} */ (command.nextElementSibling);
  copy.onclick = async () => {
    command.select();
    await navigator.clipboard.writeText(command.value);
    say("copy", `✓ ${words.copy}`);
  };
}

/**
 * @param {string} url
 * @param {string} method
 * @param {string} [body]
 * @returns {Promise<import("./large.js").Reply>}
 */
async function request(url, method, body) {
  // fetch, as nobody watches these grow; the headers are S3's conditions for a completion.
  const headers = body ? { "Content-Type": "application/xml", "If-None-Match": "*" } : undefined;
  const signal = AbortSignal.timeout(PATIENCE);
  try {
    const answer = await fetch(url, { method, body, headers, signal, cache: "no-store" });
    return { status: answer.status, body: await answer.text() };
  } catch {
    return { status: 0, body: "" };
  }
}
