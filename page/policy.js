/** What S3's answers mean, and how often and how fast to try again. Pure arithmetic. */

/**
 * The end of one request, whether or not there was an answer to it.
 *
 * @typedef {object} Answer
 * @property {number} status  HTTP status; 0 when none came
 * @property {string} code  S3's error code; "" when it gave none
 * @property {string} message  S3's error message
 * @property {number} moved  bytes that left this machine
 * @property {boolean} sent  all of them did
 */

/** S3 takes at most 5 GB (of 1024³ bytes) in one PUT (S3 User Guide, "Uploading objects"). */
export const LARGEST = 5 * 1024 ** 3;

/** How many times one file is sent before a person must decide; about five minutes. */
export const TRIES = 10;

/** An upload that has not moved for this long, in ms, is taken for dead. */
export const STALL = 60_000;

/** S3's own words for two that one status stands for (S3 API Reference, "Error responses"). */
const CODES = new Map([
  ["ExpiredToken", "expired"],
  ["SignatureDoesNotMatch", "damaged"],
  ["AuthorizationQueryParametersError", "damaged"],
  ["EntityTooLarge", "tooLarge"],
  ["RequestTimeout", "busy"],
]);

const STATUSES = new Map([
  [0, "lost"],
  [301, "moved"],
  [307, "moved"],
  [308, "moved"],
  [403, "refused"],
  [407, "blocked"],
  [408, "busy"],
  // The conditional write lost a race: S3 asks to send it again.
  [409, "busy"],
  [412, "taken"],
  [413, "tooLarge"],
  [429, "busy"],
  [500, "busy"],
  [502, "busy"],
  [503, "busy"],
  [504, "busy"],
]);

/**
 * "stored", "lost" and "busy" (which may be tried again), or the name of a failure.
 *
 * @param {Answer} answer
 */
export function judge({ status, code, message }) {
  if (status >= 200 && status < 300) return "stored";
  if (status === 403 && /expired/i.test(message)) return "expired";
  return CODES.get(code) ?? STATUSES.get(status) ?? "unknown";
}

/**
 * How long to wait after the `tries`-th try, in ms: twice as long each time, up to a minute,
 * and a random part of it so that many pages do not come back at once.
 *
 * @param {number} tries
 * @param {number} random  from 0 up to 1
 */
export function backOff(tries, random) {
  return Math.min(60_000, 1000 * 2 ** (tries - 1)) * (0.5 + random / 2);
}

/**
 * Bytes per second over the last samples, each [ms, bytes so far]; 0 while it cannot be told.
 *
 * @param {[number, number][]} samples
 */
export function speed(samples) {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last[0] - first[0] < 500) return 0;
  return (1000 * (last[1] - first[1])) / (last[0] - first[0]);
}

/**
 * The headers to send. Never one of S3's own (`x-amz-*`): S3 refuses those that are not signed.
 *
 * @param {{ once: boolean }} plan
 * @param {{ name: string, type: string }} file
 * @param {string} mark  letters and digits of this upload alone, by which it knows its own file
 *   again: S3 keeps it with the name, and readers pass over such a parameter (RFC 6266, 4.1)
 */
export function headers(plan, file, mark) {
  const name = percentEncode(shorten(file.name));
  return {
    "Content-Type": file.type || "application/octet-stream",
    "Content-Disposition": `attachment; filename*=UTF-8''${name}; mark=${mark}`,
    ...(plan.once && { "If-None-Match": "*" }),
  };
}

/**
 * S3 keeps 2 KB of such headers, and one character may take nine bytes here; the ending
 * stays, since it says what the file is.
 *
 * @param {string} name
 */
function shorten(name) {
  if (name.length <= 200) return name;
  const ending = /\.[^.]{1,20}$/.exec(name)?.[0] ?? "";
  return name.slice(0, 200 - ending.length) + ending;
}

/** @param {string} text  RFC 8187's `ext-value` allows fewer letters than a URI does */
function percentEncode(text) {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, "\ufffd")).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
