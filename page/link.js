/**
 * The address of the page, made into a plan or a named problem. Pure.
 *
 * Anyone can write such an address, so nothing in it is believed: a link may
 * only lead to the place that was baked into the page when it was published.
 */

/**
 * @typedef {object} Plan
 * @property {string} put  the presigned URL to send the file to
 * @property {string} head  a presigned HEAD of the same key; "" where the link carries none
 * @property {boolean} once  the URL was signed with `If-None-Match`, so it must be sent
 * @property {string} path  where the file goes: names the link without being able to use it
 * @property {number} ends  when the link stops working, in ms since 1970
 * @property {string} title  what is asked for; may be empty
 * @property {string} requester  who asks; may be empty
 */

/** What an S3 presigned URL must hold (Signature Version 4, query string), and in which form. */
const SIGNED = {
  "X-Amz-Algorithm": /^AWS4-HMAC-SHA256$/,
  "X-Amz-Credential": /^[^/]+\/\d{8}\//,
  "X-Amz-Date": /^\d{8}T\d{6}Z$/,
  "X-Amz-Expires": /^\d{1,6}$/,
  // The browser sends `host`; any other signed header would need a value that nobody told us.
  "X-Amz-SignedHeaders": /^host(;if-none-match)?$/,
  "X-Amz-Signature": /^[0-9a-f]{64}$/,
};

/**
 * @param {string} address  the whole address of the page
 * @param {string} prefix  the URL that every upload must begin with; empty allows none
 * @returns {Plan | "noLink" | "damaged" | "foreign"}
 */
export function readLink(address, prefix) {
  const { searchParams, hash } = new URL(address);
  const carried = searchParams.get("s3_url");
  if (carried === null) return "noLink";
  const url = toUrl(decodeText(carried));
  if (!url) return "damaged";
  // Compared as the browser will read them: no user, port or `..` can disguise another place.
  const ours = toUrl(prefix);
  if (!ours || !url.href.startsWith(ours.href)) return "foreign";
  const query = url.searchParams;
  for (const [name, form] of Object.entries(SIGNED)) {
    if (!form.test(query.get(name) ?? "")) return "damaged";
  }
  // A full stop or bracket after the link belongs to the sentence around it.
  const said = readFragment(hash.slice(1).replace(/[^\w-]+$/, ""));
  const check = String(said.check);
  return {
    put: url.href,
    head: SIGNED["X-Amz-Signature"].test(check) ? headOf(url.href, check) : "",
    once: query.get("X-Amz-SignedHeaders") !== "host",
    path: url.pathname,
    ends: Math.min(signatureEnd(query), 1000 * (Number(said.until) || Infinity)),
    title: plain(said.for, 150),
    requester: plain(said.from, 80),
  };
}

/**
 * Base64 of either alphabet, with or without padding, as UTF-8; "" if it is neither.
 *
 * @param {string} coded
 */
export function decodeText(coded) {
  // Mail programs escape `=` once more, and a query's `+` arrives as a space.
  const base64 = coded.replace(/%3D|=/gi, "").replace(/[- ]/g, "+").replace(/_/g, "/");
  try {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return "";
  }
}

/**
 * One line without control or direction characters, which can make one name look like
 * another (Unicode UAX #9); at most `limit` characters.
 *
 * @param {unknown} text
 * @param {number} limit
 */
export function plain(text, limit) {
  if (typeof text !== "string") return "";
  const line = text
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu, "")
    .replace(/[\p{Cc}\p{Z}]+/gu, " ")
    .trim();
  const letters = [...line];
  return letters.length > limit ? `${letters.slice(0, limit - 1).join("")}…` : line;
}

/** @param {string} text */
function toUrl(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/**
 * What the link says besides the URL. A fragment that was cut off on the way only
 * leaves the page with less to say.
 *
 * @param {string} coded
 * @returns {Record<string, unknown>}
 */
function readFragment(coded) {
  try {
    return Object(JSON.parse(decodeText(coded)));
  } catch {
    return {};
  }
}

/**
 * The HEAD that goes with a PUT: all that was signed is the same but for two parameters.
 *
 * @param {string} put
 * @param {string} signature
 */
function headOf(put, signature) {
  return put
    .replace(/([?&]X-Amz-SignedHeaders=)[^&]*/, "$1host")
    .replace(/([?&]X-Amz-Signature=)[^&]*/, `$1${signature}`);
}

/** @param {URLSearchParams} query */
function signatureEnd(query) {
  const date = query.get("X-Amz-Date") ?? "";
  const iso = date.replace(/(....)(..)(..T..)(..)(..Z)/, "$1-$2-$3:$4:$5");
  return Date.parse(iso) + 1000 * Number(query.get("X-Amz-Expires"));
}
