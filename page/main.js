/** The page put together, and the four ways to give it a file: drop, click, paste, keyboard. */

import { formats } from "./format.js";
import { readLink } from "./link.js";
import { keep, recall } from "./receipt.js";
import { ourTime, probe, readable, send, sleep } from "./transport.js";
import { expired, Upload } from "./upload.js";
import { part, View } from "./view.js";
import { speak, WORDS } from "./words.js";

const { lang, locale } = speak(navigator.languages);
const prefix = document.querySelector("meta[name=upload-prefix]")?.getAttribute("content") ?? "";
const link = readLink(location.href, prefix);
const plan = typeof link === "string" ? null : link;
const view = new View(WORDS[lang], formats(locale), plan);
const world = {
  send,
  probe,
  ourTime,
  readable,
  sleep,
  online: () => navigator.onLine,
  now: Date.now,
  random: Math.random,
};
const upload = plan && new Upload(plan, world, show);
const input = /** @type {HTMLInputElement} */ (part("file"));
const storage = () => localStorage;

/** @type {File} */
let file;

/** @param {import("./upload.js").State} state */
function show(state) {
  view.show(state, file);
  if (state.at === "done" && plan) {
    const receipt = { name: file.name, size: file.size, at: Date.now() };
    keep(storage, plan.path, receipt);
    view.receipt(receipt);
  }
}

/** @param {Iterable<File> | null | undefined} files */
function take(files) {
  const [first, ...others] = files ?? [];
  if (!first || !view.open) return;
  if (others.length) {
    view.failure("tooMany");
  } else {
    file = first;
    upload?.start(file);
  }
}

addEventListener("dragover", (event) => {
  // Without this the browser would leave the page and show the file.
  event.preventDefault();
  const welcome = view.open && event.dataTransfer?.types.includes("Files") === true;
  if (event.dataTransfer) event.dataTransfer.dropEffect = welcome ? "copy" : "none";
  view.hold(welcome);
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) view.hold(false);
});
addEventListener("drop", (event) => {
  event.preventDefault();
  view.hold(false);
  const items = [...(event.dataTransfer?.items ?? [])];
  const folder = items.some((item) => item.webkitGetAsEntry()?.isDirectory);
  if (folder && view.open) view.failure("folder");
  else take(event.dataTransfer?.files);
});
addEventListener("paste", (event) => take(event.clipboardData?.files));
input.onchange = () => {
  take(input.files);
  // So that the same file can be chosen again.
  input.value = "";
};

addEventListener("online", () => upload?.hurry());
addEventListener("beforeunload", (event) => {
  if (view.busy) event.preventDefault();
});
let hurried = 0;
part("now").onclick = () => {
  hurried = Date.now();
  upload?.hurry();
};
part("cancel").onclick = () => {
  // The second click of a double click on "Try now", which has just made way for this button.
  if (Date.now() - hurried > 700) upload?.cancel();
};
part("again").onclick = () => upload?.start(file);
part("other").onclick = () => input.click();

document.documentElement.lang = lang;
const receipt = plan && recall(storage, plan.path);
if (typeof link === "string") view.failure(link);
else if (receipt) view.receipt(receipt);
else {
  view.ready();
  expired(link, world).then((over) => {
    if (over && upload?.at === "ready") view.failure("expired");
  });
}
