/** What can be seen and heard while files are on their way. */

import { known, part, reveal, say, spell } from "./dom.js";
import { format, words } from "./reader.js";
import { nameOf, newRow, patience, progress, SAME_FILE_MAY_BE_SENT_AGAIN } from "./rows.js";
import { plain } from "./text.js";
import { failure, layout, shown, success, welcome } from "./view.js";

/** @typedef {import("./sitting.js").Sitting} Sitting */
/** @typedef {import("./upload.js").Upload} Upload */

/** @type {Map<Upload, ReturnType<typeof newRow>>} */
const rows = new Map();
let quarters = 0;
let ticking = 0;
/** The section that tells why more files were not taken, while others go on. */
let refused = "";

/**
 * Files were given.
 *
 * @param {Sitting} sitting
 * @param {(upload: Upload) => void} act  told when the button of one file is pressed
 */
export function begin(sitting, act) {
  const { uploads } = sitting;
  // One file alone has no row.
  const many = uploads.length > 1;
  for (const upload of rows.keys()) if (!uploads.includes(upload)) rows.delete(upload);
  for (const upload of many ? uploads : [])
    if (!rows.has(upload)) rows.set(upload, newRow(upload, act));
  part("rows").replaceChildren(...[...rows.values()].map(({ row }) => row));
  quarters = 0;
  refused = "";
  const paint = () => {
    for (const { paint } of rows.values()) paint();
    if (sitting.busy) go(sitting);
  };
  paint();
  // Of many, their section says the same as it gets the focus.
  say("news", many ? "" : words.started, { name: nameOf(uploads[0]) });
  part("going").focus();
  clearInterval(ticking);
  // Waits are counted down.
  ticking = setInterval(paint, 1000);
}

/**
 * Files were given, and not taken; those before them go on.
 *
 * @param {string} why
 * @param {Parameters<typeof failure>[1]} more
 */
export function refuse(why, more) {
  failure(why, more);
  if (shown.sitting?.busy) {
    refused = "end";
    go(shown.sitting);
  }
}

/** @param {Upload} upload  that has just moved */
export function moved(upload) {
  const { sitting } = shown;
  rows.get(upload)?.paint();
  if (!sitting) return;
  if (!sitting.busy) {
    clearInterval(ticking);
    settle(sitting);
    return;
  }
  go(sitting);
  const { done, files } = sitting.total;
  if (upload.at === "done") {
    say("news", `{name} – ${words.at.done} · ${words.filed}`, {
      name: nameOf(upload),
      done: String(done),
      total: String(files),
    });
  }
}

/** @param {Sitting} sitting */
function go({ uploads, room, total }) {
  const many = uploads.length > 1;
  layout(`going ${refused && "failed"}`, refused, "going", many ? "rows" : "", room ? "pick" : "");
  say("name", many ? words.filed : "{name}", {
    name: nameOf(uploads[0]),
    done: String(total.done),
    total: String(total.files),
  });
  say("size", format.bytes(total.size));
  say("cancel", many ? words.cancelAll : words.cancel);
  const states = uploads.map(({ state }) => state);
  const waiting = states.find((state) => state.at === "waiting");
  const sending = states.some(({ at }) => at === "sending");
  const [sentence, values, ratio] = progress(total);
  const { percent = "" } = values;
  // One PUT cannot be resumed: what was sent of it does not count.
  part("bar").setAttribute("value", String(total.loaded ? ratio : 0));
  say("percent", format.percent(total.loaded ? ratio : 0));
  reveal("now", waiting !== undefined);
  if (sending) {
    say("pace", sentence, values);
    const what = known.title?.() || plain(part("name").textContent, 100);
    document.title = spell(words.sending, { percent, what });
    // A listener is told of quarters, not of every percent.
    const now = Math.floor(ratio * 4);
    if (now > quarters && now < 4) say("news", words.milestone, values);
    quarters = now;
  } else if (waiting) {
    const [why, time] = patience(waiting);
    say("pace", why, time);
    if (quarters >= 0) say("news", why, time);
    // Said once; what comes next will be news again.
    quarters = -1;
  } else say("pace", words.at.checking);
}

/** All has come to an end, one way or another. @param {Sitting} sitting */
function settle({ uploads }) {
  const failed = uploads.flatMap(({ state }) => (state.at === "failed" ? [state] : []));
  const [first] = failed;
  const one = uploads.length === 1;
  if (first) {
    const alike = failed.length === uploads.length && failed.every(({ why }) => why === first.why);
    failure(alike ? first.why : "some", one ? first : { rows: true });
    reveal(
      "retry",
      failed.some(({ why }) => SAME_FILE_MAY_BE_SENT_AGAIN.includes(why)),
    );
    reveal("other", one);
  } else if (uploads.some(({ at }) => at === "done")) success();
  else {
    welcome();
    say("news", words.cancelled);
    part("file").focus();
  }
}
