/** Files that are on their way, one row each: its name, how far it is, and what can be done. */

import { element, say } from "./dom.js";
import { format, words } from "./reader.js";
import { plain } from "./text.js";

/** @typedef {import("./upload.js").Upload} Upload */

/** Failures, by name. */
export const SAME_FILE_MAY_BE_SENT_AGAIN = "blocked lost busy moved unknown";

/** @param {Upload | undefined} upload */
export function nameOf(upload) {
  return plain(upload?.file.name, 300);
}

/**
 * How far something is, in words.
 *
 * @param {{ loaded: number, size: number, speed: number }} so  bytes, and bytes per second
 * @returns {[string, Record<string, string>, number]} a sentence, its values, and the share
 */
export function progress({ loaded, size, speed }) {
  const ratio = size ? Math.min(1, loaded / size) : 1;
  const values = {
    percent: format.percent(ratio),
    loaded: format.bytes(loaded),
    total: format.bytes(size),
    speed: format.speed(speed),
    time: speed ? format.duration((size - loaded) / speed) : "",
  };
  return [ratio === 1 ? words.storing : speed ? words.left : words.pace, values, ratio];
}

/**
 * Why something waits, and how long still.
 *
 * @param {{ why: string, until: number }} state  ms since 1970, or Infinity
 * @returns {[string, Record<string, string>]}
 */
export function patience({ why, until }) {
  const time = format.duration(Math.max(0, until - Date.now()) / 1000);
  return [words[/** @type {"offline" | "lost" | "busy"} */ (why)], { time }];
}

/**
 * @param {Upload} upload
 * @param {(upload: Upload) => void} act  told when its button is pressed
 * @returns {{ row: HTMLElement, paint: () => void }}
 */
export function newRow(upload, act) {
  const size = upload.file.size;
  const name = element("b", nameOf(upload));
  const bar = element("progress");
  const status = element("p");
  const button = element("button");
  name.id = upload.mark;
  bar.setAttribute("aria-labelledby", upload.mark);
  button.setAttribute("aria-describedby", upload.mark);
  button.className = "plain";
  button.onclick = () => act(upload);
  const row = element(
    "li",
    element("p", name, " ", element("span", format.bytes(size))),
    button,
    bar,
    status,
  );
  const paint = () => {
    const { state } = upload;
    const over = state.at === "failed" || state.at === "cancelled";
    row.className = state.at;
    bar.hidden = !upload.busy;
    bar.setAttribute("value", String(size && upload.loaded / size));
    button.textContent = over ? words.again : words.cancel;
    button.hidden =
      state.at === "done" ||
      (state.at === "failed" && !SAME_FILE_MAY_BE_SENT_AGAIN.includes(state.why));
    if (state.at === "sending") {
      const [sentence, values] = progress({ ...state, size });
      say(status, sentence, values);
    } else if (state.at === "waiting") say(status, ...patience(state));
    else if (state.at === "failed") {
      const [heading, , next] = words.failures[/** @type {"lost"} */ (state.why)];
      say(status, `${heading} – ${next}`);
    } else say(status, words.at[state.at]);
  };
  return { row, paint };
}
