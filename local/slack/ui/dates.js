/** Moments in the viewer's own zone and language. */

/** @typedef {{ tz: string, locale: string }} Viewer */

const DAY = 86_400_000;

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const FORMS = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
  time: { hour: "numeric", minute: "2-digit" },
  time_secs: { hour: "numeric", minute: "2-digit", second: "2-digit" },
};

/**
 * @param {Date} moment
 * @param {Viewer} viewer
 * @param {string} form
 * @returns {string}
 */
export function format(moment, viewer, form) {
  return new Intl.DateTimeFormat(viewer.locale, { ...FORMS[form], timeZone: viewer.tz }).format(
    moment,
  );
}

/**
 * Whole days from today to a moment, in the viewer's zone.
 *
 * @param {Date} moment
 * @param {Viewer} viewer
 * @returns {number}
 */
function daysAway(moment, viewer) {
  /** @param {Date} date */
  const midnight = (date) =>
    Date.parse(new Intl.DateTimeFormat("sv-SE", { timeZone: viewer.tz }).format(date));
  return Math.round((midnight(moment) - midnight(new Date())) / DAY);
}

/**
 * "today", "yesterday" or "tomorrow" in the viewer's language; otherwise the date.
 *
 * @param {Date} moment
 * @param {Viewer} viewer
 * @param {string} form
 * @returns {string}
 */
export function pretty(moment, viewer, form) {
  const away = daysAway(moment, viewer);
  if (Math.abs(away) > 1) return format(moment, viewer, form);
  return new Intl.RelativeTimeFormat(viewer.locale, { numeric: "auto" }).format(away, "day");
}

/**
 * A date in Slack's own notation, such as `{date_short_pretty} at {time}`.
 *
 * @param {number} seconds
 * @param {string} template
 * @param {Viewer} viewer
 * @returns {string}
 */
export function fill(seconds, template, viewer) {
  const moment = new Date(seconds * 1000);
  return template.replace(/\{(\w+)\}/g, (token, /** @type {string} */ name) => {
    if (name.endsWith("_pretty")) return pretty(moment, viewer, name.replace("_pretty", ""));
    return FORMS[name] ? format(moment, viewer, name) : token;
  });
}

/**
 * How far a zone is ahead of UTC at a moment, in milliseconds.
 *
 * @param {number} moment
 * @param {string} tz
 * @returns {number}
 */
function ahead(moment, tz) {
  const shown = new Intl.DateTimeFormat("sv-SE", {
    timeZone: tz,
    dateStyle: "short",
    timeStyle: "medium",
  }).format(moment);
  return Date.parse(`${shown.replace(" ", "T")}Z`) - Math.floor(moment / 1000) * 1000;
}

/**
 * A moment as an `<input type="datetime-local">` shows it, in a zone that need not be the browser's.
 *
 * @param {number} seconds
 * @param {string} tz
 * @returns {string}
 */
export function toLocal(seconds, tz) {
  const moment = seconds * 1000;
  return new Date(moment + ahead(moment, tz)).toISOString().slice(0, 16);
}

/**
 * The moment that such an input means, in seconds.
 *
 * @param {string} local
 * @param {string} tz
 * @returns {number}
 */
export function fromLocal(local, tz) {
  const naive = Date.parse(`${local}Z`);
  const guess = naive - ahead(naive, tz);
  return Math.floor((naive - ahead(guess, tz)) / 1000); // again: the clock may have changed between
}
