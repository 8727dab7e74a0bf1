/** What can be seen and heard of a link: what is asked, how it ended, what was delivered. */

import { element, known, part, reveal, say, spell } from "./dom.js";
import { format, words } from "./reader.js";
import { SAME_FILE_MAY_BE_SENT_AGAIN } from "./rows.js";
import { plain } from "./text.js";

/** Others may be given where a failure is of these, and not of the link. */
const OTHER_FILES_MAY_BE_GIVEN = "tooMany empty tooLarge unreadable some";
const WITH_WORDS_OF_S3 = "busy moved refused unknown";

/**
 * What is sent, and what was delivered.
 *
 * @type {{ sitting: import("./sitting.js").Sitting | null,
 *   receipt: import("./receipt.js").Receipt | null }}
 */
export const shown = { sitting: null, receipt: null };

let end = Infinity;
let soon = 0;

/**
 * When it ends is said in a moment: the page is ready before that.
 *
 * @param {string} [sentence]
 */
function deadline(sentence) {
  say("until", sentence && "\u00a0");
  clearTimeout(soon);
  soon = setTimeout(say, 0, "until", sentence);
}

/** Files may be given now. */
export function open() {
  return !part("pick").hidden || !part("retry").hidden;
}

/** @param {Partial<import("./plan.js").Plan>} link  or what is known of one */
export function about({ requester = "", title = "", note, ends = Infinity, limit = 0, sender }) {
  end = ends;
  const sentence = requester ? (title ? words.asks : words.sendTo) : title ? "{title}" : words.send;
  Object.assign(known, {
    title: () => title,
    time: () => format.time(ends),
    limit: () => format.bytes(limit),
    from: () => requester,
    who: () => (requester ? spell(words.named) : words.sender),
  });
  say("ask", sentence);
  document.title = spell(sentence);
  deadline(ends < Infinity ? words.until : "");
  say("note", note && "{note}", { note: note ?? "" });
  reveal("sender", sender === "ask" || sender === "require");
  part("whoLabel").textContent = words.who + (sender === "require" ? "" : words.optional);
}

/** Nothing has been given yet. */
export function welcome() {
  layout("ready", "pick", "curl");
  document.title = part("ask").textContent ?? "";
}

/** @param {boolean} over  files are held over the page, and welcome */
export function hold(over) {
  document.body.classList.toggle("over", over);
}

/**
 * @param {string} why
 * @param {{ answer?: import("./policy.js").Answer, rows?: boolean, details?: string,
 *   values?: Record<string, string> }} [more]  S3's answer, to be told where it helps; whether
 *   what became of each file is shown
 */
export function failure(why, { answer, rows, details, values } = {}) {
  const { sitting, receipt } = shown;
  const [heading = "", reason, next] = words.failures[/** @type {"lost"} */ (why)];
  const more = OTHER_FILES_MAY_BE_GIVEN.includes(why) && sitting?.room;
  layout("failed", "end", rows ? "rows" : "", rows && receipt ? "receipt" : "", more ? "pick" : "");
  say("why", reason, values);
  say("next", next, values);
  say("answer", details && "{details}", { details: details ?? "" });
  if (answer?.status && WITH_WORDS_OF_S3.includes(why)) {
    const code = plain(`${answer.status} ${answer.code} ${answer.message}`, 200);
    say("answer", words.answer, { code });
  }
  reveal("retry", SAME_FILE_MAY_BE_SENT_AGAIN.includes(why));
  if (why === "expired") deadline(end <= Date.now() ? words.closed : "");
  if (why === "closed" || why === "full") deadline();
  outcome(heading);
}

/** All was delivered. @param {string} [over]  why the link takes no more */
export function success(over) {
  layout("done", "end", "receipt", shown.sitting?.room ? "pick" : "");
  deadline();
  say("answer");
  say("why", over && words.failures[/** @type {"closed"} */ (over)][1]);
  say("next", words.close);
  reveal("retry", false);
  outcome((shown.receipt?.files.length ?? 0) > 1 ? words.doneAll : words.done);
}

/** The receipt, fit to be printed. @param {import("./receipt.js").Receipt} receipt */
export function slip({ title, requester, reference, files }) {
  const list = files.map(({ name, size, at, crc, sha }) =>
    element(
      "li",
      element("b", plain(name, 300)),
      element("p", `${format.bytes(size)} · ${format.time(at)}`),
      element(
        "code",
        [crc && `CRC64NVME ${crc}`, sha && `SHA-256 ${sha}`].filter(Boolean).join(" "),
      ),
    ),
  );
  const terms = [
    [words.for, plain(title, 150)],
    [words.to, plain(requester, 80)],
    [words.reference, plain(reference, 8)],
  ].flatMap(([term = "", value]) => (value ? [element("dt", term), element("dd", value)] : []));
  part("receipt").replaceChildren(element("ul", ...list), element("dl", ...terms));
}

/** @param {string} heading */
function outcome(heading) {
  say("outcome", heading);
  document.title = heading;
  // The heading is read out because it gets the focus; as news it would be said twice.
  say("news");
  part("outcome").focus();
}

/**
 * @param {string} at  styles the whole page
 * @param {string[]} sections  those to be seen
 */
export function layout(at, ...sections) {
  document.body.className = at;
  for (const id of ["end", "going", "rows", "receipt", "pick", "curl"]) {
    reveal(id, sections.includes(id));
  }
  const room = shown.sitting?.room ?? 0;
  const many = room > 1;
  say("drop", many ? words.dropMany : words.drop);
  say("choose", many ? words.chooseMany : words.choose);
  say("hint", many ? words.hintMany : words.hint, { room: String(room) });
  part("file").toggleAttribute("multiple", many);
}
