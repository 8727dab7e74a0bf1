/** The page put together: a link is opened, files are taken, and what arrived is remembered. */

import { part, reveal, say } from "./dom.js";
import { listen } from "./give.js";
import { begin, moved, refuse } from "./going.js";
import { readLink } from "./link.js";
import { readPlan } from "./plan.js";
import { backOff } from "./policy.js";
import { lang, words } from "./reader.js";
import { keep, readReceipt, recall, withFile } from "./receipt.js";
import { patience } from "./rows.js";
import { Sitting } from "./sitting.js";
import { Slots } from "./slots.js";
import { plain } from "./text.js";
import { fetchPlan, sha256, world } from "./transport.js";
import { expired } from "./upload.js";
import { about, failure, hold, layout, open, shown, slip, success, welcome } from "./view.js";

/** @typedef {import("./upload.js").Upload} Upload */

const prefix = document.querySelector("meta[name=upload-prefix]")?.getAttribute("content") ?? "";
const link = readLink(location.href, prefix);
const look = "short" in link ? async () => readPlan(await fetchPlan(link.short), prefix) : null;
/** The first look, on its way while the page is put together. */
const first = look?.();
const who = /** @type {HTMLInputElement} */ (part("who"));
const line = /** @type {HTMLTextAreaElement} */ (part("line"));
/** Under which name this browser remembers the link. */
let memory = "";
const more = () => import("./more.js");
/** What large files need. @type {import("./more.js").Page} */
const page = { world, words, say, shown, id: "", memory: () => memory };
const none = () => undefined;
if ("short" in link) {
  page.id = link.short;
  // Where it cannot be fetched, a file goes whole.
  world.large = (...all) => more().then(({ large }) => large(page, ...all), none);
}
/** Files that wait for the name of who sends them. @type {File[]} */
let held = [];
let waiting = new AbortController();
let hashing = Promise.resolve();
let pressed = 0;

/** @param {File[]} given  added to those that wait */
function take(given) {
  const { sitting } = shown;
  if (!sitting) return;
  const { room } = sitting;
  const { limit, sender } = sitting.slots.plan;
  const name = plain(who.value, 80);
  const files = [...held, ...given];
  held = sender === "require" && !name ? files : [];
  say("wanting", held.length ? words.wanting : "");
  reveal("go", held.length > 0);
  if (held.length) {
    who.focus();
    return;
  }
  if (name) keep(storage, "name", name);
  const why = sitting.add(files, { name, note: line.value.trim() });
  if (!why) {
    // It is told once.
    reveal("sender", false);
    begin(sitting, act);
  } else {
    const large = files.filter(({ size }) => why === "tooLarge" && size > limit);
    refuse(why, {
      values: { room: String(room), count: String(files.length) },
      details: large.map(({ name }) => plain(name, 99)).join(", "),
    });
  }
}

/** @param {Upload} upload */
function show(upload) {
  if (upload.state.at === "done") deliver(upload, upload.state.crc);
  moved(upload);
}

/**
 * @param {Upload} upload
 * @param {string} [crc]
 */
function deliver({ file, mark, slots }, crc) {
  const delivered = { mark, name: file.name, size: file.size, at: Date.now(), crc, sha: "" };
  remember(delivered, slots.plan);
  // One after the other, as each is held in memory as a whole.
  hashing = hashing.then(async () => {
    delivered.sha = await sha256(file);
    remember(delivered, slots.plan);
  });
}

/**
 * @param {import("./receipt.js").Delivered} delivered
 * @param {Parameters<typeof withFile>[1]} link
 */
function remember(delivered, link) {
  // Another tab may have delivered something, too.
  const before = readReceipt(recall(storage, memory)) ?? shown.receipt;
  shown.receipt = withFile(before, link, delivered);
  keep(storage, memory, shown.receipt);
  slip(shown.receipt);
}

/** @param {Upload[]} uploads */
function again(uploads) {
  const { sitting } = shown;
  const fresh = !sitting?.busy;
  sitting?.again(uploads);
  if (sitting && fresh) begin(sitting, act);
}

/** @param {Upload} upload */
function act(upload) {
  if (upload.at === "failed" || upload.at === "cancelled") again([upload]);
  else shown.sitting?.cancel([upload]);
}

function hurry() {
  waiting.abort();
  for (const upload of shown.sitting?.uploads ?? []) upload.hurry();
}

function storage() {
  return localStorage;
}

async function start() {
  /** @type {import("./plan.js").Plan | import("./plan.js").Over | { short: string }} */
  let plan = link;
  if ("path" in plan) memory = plan.path;
  if ("short" in plan) memory = `/${await sha256(new Blob([plan.short]))}`;
  let receipt = readReceipt(recall(storage, memory));
  shown.receipt = receipt;
  if (receipt) {
    about(receipt);
    slip(receipt);
    success();
  }
  for (let tries = 1; look; tries++) {
    if (!receipt && tries === 1) {
      layout("opening", "going");
      say("pace", words.at.checking);
    }
    plan = await (tries === 1 && first ? first : look());
    if (!("why" in plan) || plan.why !== "lost") break;
    const until = Date.now() + backOff(tries, Math.random());
    waiting = new AbortController();
    reveal("now", true);
    while (Date.now() < until && !waiting.signal.aborted) {
      say("pace", ...patience({ why: "unopened", until }));
      await world.sleep(1000, waiting.signal);
    }
  }
  if ("short" in plan) return;
  if (!receipt || "slots" in plan) about(plan);
  if ("slots" in plan && (look || !receipt)) {
    shown.sitting = new Sitting(new Slots(plan, look, world), world, show);
  }
  if (recall(storage, `${memory}+`)) {
    const known = plan;
    await more().then(({ greet }) => greet(page, (file) => remember(file, known)), none);
    receipt = shown.receipt;
  }
  const end = (/** @type {string} */ why) => (receipt ? success(why) : failure(why));
  if ("why" in plan) end(plan.why);
  else if (receipt) success();
  else welcome();
  if ("slots" in plan && (await expired(plan, world)) && !shown.sitting?.uploads.length) {
    shown.sitting = null;
    end("expired");
  }
}

listen(open, hold, take, async (folders) => (await more()).folders(folders));
addEventListener("online", hurry);
addEventListener("hashchange", () => location.reload());
addEventListener("beforeunload", (event) => {
  if (shown.sitting?.busy) event.preventDefault();
});
part("now").onclick = () => {
  pressed = Date.now();
  hurry();
};
part("cancel").onclick = () => {
  // The second click of a double click on "Try now", which has just made way for this button.
  if (Date.now() - pressed > 700) shown.sitting?.cancel(shown.sitting.uploads);
};
part("again").onclick = () => {
  again(shown.sitting?.uploads.filter(({ at }) => at === "failed") ?? []);
};
part("other").onclick = () => part("file").click();
part("go").onclick = () => take([]);
who.onkeydown = ({ key, isComposing }) => {
  // Enter also ends the writing of a Japanese word.
  if (key === "Enter" && !isComposing && held.length) take([]);
};
part("curl").ontoggle = async () => {
  (await more()).curl(part("curl"), shown.sitting?.slots.free.at(-1));
};

document.documentElement.lang = lang;
for (const id of /** @type {const} */ (["now", "again", "other", "go", "noBrowser"])) {
  say(id, words[id]);
}
say("lineLabel", words.line);
reveal("go", false);
who.value = plain(recall(storage, "name"), 80);
start();
