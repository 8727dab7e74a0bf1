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
 * @property {string} [crc]  the CRC64NVME of what S3 stored, in base64
 * @property {string} [etag]  of what S3 stored
 */

/** S3 takes at most 5 GB (of 1024³ bytes) in one PUT (S3 User Guide, "Uploading objects"). */
export const LARGEST = 5 * 1024 ** 3;

/** A file of more than this, in bytes, may go in parts. */
export const SMALL = 16 * 1024 ** 2;

/**
 * How many files are on their way at once: one seldom fills a line, since each ends with a
 * wait for its answer, and more than a few only make each other late.
 */
export const AT_ONCE = 3;

/** Up to this size, in bytes, a file's SHA-256 is taken: the browser wants all of it in memory. */
export const HASHED = 64 * 1024 ** 2;

/** A signature that has less than this to live, in ms, is renewed before it is used. */
export const LAST_MINUTE = 60_000;

/** How many times one file is sent before a person must decide; about five minutes. */
export const TRIES = 10;

/** An upload that has not moved for this long, in ms, is taken for dead. */
export const STALL = 60_000;

/**
 * S3's own words for two that one status stands for (S3 API Reference, "Error responses").
 *
 * @type {Record<string, string>}
 */
const CODES = {
  ExpiredToken: "expired",
  // The key that signed is gone, as happens when keys are exchanged.
  InvalidAccessKeyId: "expired",
  InvalidToken: "expired",
  SignatureDoesNotMatch: "damaged",
  AuthorizationQueryParametersError: "damaged",
  EntityTooLarge: "tooLarge",
  RequestTimeout: "busy",
};

/** @type {Record<number, string>} */
const STATUSES = {
  0: "lost",
  301: "moved",
  307: "moved",
  308: "moved",
  403: "refused",
  407: "blocked",
  408: "busy",
  // The conditional write lost a race: S3 asks to send it again.
  409: "busy",
  412: "taken",
  413: "tooLarge",
  429: "busy",
  500: "busy",
  502: "busy",
  503: "busy",
  504: "busy",
};

/**
 * "stored", "lost" and "busy" (which may be tried again), or the name of a failure.
 *
 * @param {Answer} answer
 */
export function judge({ status, code, message }) {
  if (status >= 200 && status < 300) return "stored";
  if (status === 403 && /expired/i.test(message)) return "expired";
  return CODES[code] ?? STATUSES[status] ?? "unknown";
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
 * What measures a speed: told of ms and bytes so far, it gives bytes per second over the last
 * seconds; 0 while it cannot be told.
 */
export function meter() {
  /** @type {[number, number][]} */
  let samples = [];
  return (/** @type {number} */ now, /** @type {number} */ bytes) => {
    samples = [...samples.filter(([at]) => now - at < 5000), [now, bytes]];
    const [[at, before] = [now, bytes]] = samples;
    return now - at < 500 ? 0 : Math.max(0, (1000 * (bytes - before)) / (now - at));
  };
}

/**
 * Why files are not taken: more than there is room for, or larger than the link allows.
 * Nothing is half sent, so this is asked before anything is.
 *
 * @param {{ size: number }[]} files
 * @param {number} room  how many more files may come
 * @param {number} limit  bytes that each may have
 */
export function refusal(files, room, limit) {
  if (!files.length) return "empty";
  if (files.length > room) return "tooMany";
  return files.some(({ size }) => size > limit) ? "tooLarge" : "";
}

/**
 * Letters and digits by which one opening of the page knows its own files again.
 *
 * @param {() => number} random
 */
export function newMark(random) {
  return Array.from({ length: 12 }, () => Math.floor(36 * random()).toString(36)).join("");
}

/**
 * Who sends what, as the bot reads it (at most 4 KB).
 *
 * @param {string} mark
 * @param {{ name: string, note: string }} sender
 * @param {{ size: number }[]} files
 */
export function coverNote(mark, { name, note }, files) {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return JSON.stringify({ v: 1, mark, name, note, files: files.length, bytes });
}

/**
 * The headers to send. Never one of S3's own (`x-amz-*`): S3 refuses those that are not signed.
 *
 * @param {{ once: boolean }} plan
 * @param {{ name: string, type: string }} file
 * @param {string} mark  letters, digits and full stops of this upload alone, by which it knows
 *   its own file again: S3 keeps it with the name, and readers pass over such a parameter
 *   (RFC 6266, 4.1)
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
