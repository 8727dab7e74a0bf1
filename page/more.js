/** What few visits need, fetched when it is needed: large files, folders, and a file without a browser. */

import { curlLine } from "./curl.js";
import { unpack } from "./folders.js";
import { formats } from "./format.js";
import { Journal, sampleOf } from "./journal.js";
import { inspect, LOST, recognise, sendLarge } from "./large.js";
import { LARGEST } from "./policy.js";
import { fetchPlan } from "./transport.js";

/** What is said of large files, added to what the page says. */
const SAID = {
  en: {
    copy: "Copy",
    unanswered: "The other side has not answered yet. Asking again in {time}.",
    another: "This is not the {name} that was under way, so it is sent from the beginning.",
    under: "{name} was under way: {percent} of {total} is there. Choose the same file to go on.",
    unknown: "{name} was under way. Choose the same file to go on.",
  },
  ja: {
    copy: "コピー",
    unanswered: "受け取り側の準備を待っています。{time}後にもう一度確認します。",
    another: "送信途中だった {name} とは別のファイルのため、最初から送信します。",
    under:
      "{name} は送信途中です（{total} のうち {percent} が到着済み）。同じファイルを選ぶと続きから送信します。",
    unknown: "{name} は送信途中です。同じファイルを選ぶと続きから送信します。",
  },
};

/** What is spoken to the reader of this page. */
const said = SAID[document.documentElement.lang === "ja" ? "ja" : "en"];

/** S3 may take minutes to put a large file together. */
const PATIENCE = 15 * 60_000;

/**
 * What the page hands in.
 *
 * @typedef {object} Page
 * @property {import("./upload.js").World} world
 * @property {Record<string, any>} words  get those of large files, too
 * @property {typeof import("./dom.js").say} say
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
  Object.assign(page.words, said);
  const meta = document.querySelector("meta[name=upload-prefix]");
  return {
    world: page.world,
    prefix: meta?.getAttribute("content") ?? "",
    answer: (reply) => fetchPlan(`${page.id}/${reply}`),
    journal: new Journal(
      () => localStorage,
      () => `${page.memory()}+`,
    ),
    ask: request,
    sampleOf,
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
  const here = around(page);
  if (way) {
    const answer = await sendLarge(here, upload, way);
    // Where it cannot be announced, it must fit one PUT.
    return answer ?? (upload.file.size > LARGEST ? LOST : undefined);
  }
  const another = await recognise(here, upload);
  line(upload.mark)?.remove();
  if (another) page.say(newLine(), said.another, { name: upload.file.name });
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
  const format = formats(document.documentElement.lang);
  const looks = here.journal.entries.map(async (entry) => {
    const { mark, name, size } = entry;
    const place = newLine(mark);
    page.say(place, said.unknown, { name });
    const { state, loaded } = await inspect(here, entry);
    if (state === "arrived") arrived({ mark, name, size, at: Date.now() });
    if (state && state !== "open") place.remove();
    // How much is there is said when S3 has said it; nobody waits for that.
    loaded?.then((bytes) => {
      const percent = format.percent(bytes / size);
      if (!bytes) return;
      page.say(place, said.under, { name, percent, total: format.bytes(size) });
      const bar = place.appendChild(document.createElement("progress"));
      bar.value = bytes / size;
      bar.ariaHidden = "true"; // the sentence says it
    });
  });
  await Promise.allSettled(looks);
}

/** @param {string} mark */
function line(mark) {
  return document.getElementById(`under-${mark}`);
}

/** A line more of what is under way. @param {string} [mark] */
function newLine(mark = "") {
  const place = /** @type {HTMLElement} */ (document.getElementById("under"));
  const made = place.appendChild(document.createElement("p"));
  made.id = `under-${mark}`;
  // Here rather than in the page's style, which every visit loads.
  made.style.cssText =
    "margin-top:1rem;padding:.75rem 1rem;border-radius:.75rem;background:var(--tint)";
  place.hidden = false;
  return made;
}

/** What was dropped, with what is in it. @param {(FileSystemEntry | null)[]} entries */
export async function folders(entries) {
  return unpack(entries);
}

/**
 * A line that sends a file, and a button that copies it.
 *
 * @param {HTMLElement} place
 * @param {import("./plan.js").Slot | undefined} slot
 */
export function curl(place, slot) {
  const command = document.createElement("textarea");
  const button = document.createElement("button");
  command.id = "command";
  command.rows = 7;
  command.readOnly = true;
  command.setAttribute("aria-labelledby", "noBrowser");
  command.value = slot ? curlLine(slot) : "";
  button.id = "copy";
  button.className = "plain";
  button.textContent = said.copy;
  button.onclick = async () => {
    command.select();
    await navigator.clipboard.writeText(command.value);
    button.textContent = `✓ ${said.copy}`;
  };
  place.replaceChildren(/** @type {Node} */ (place.firstElementChild), command, button);
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
