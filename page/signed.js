/**
 * Presigned URLs: which of them we use, and what they tell. Pure.
 *
 * Anyone can write a link, so nothing in it is believed: it may only lead to the
 * place that was baked into the page when it was published.
 */

/**
 * What an S3 presigned URL must hold (Signature Version 4, query string), and in which form.
 * The browser sends `host`; any other signed header would need a value that nobody told us.
 */
const SIGNED = ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"];
const FORM =
  /^AWS4-HMAC-SHA256 [^/ ]+\/\d{8}\/[^ ]* \d{8}T\d{6}Z \d{1,6} host(;if-none-match)? [0-9a-f]{64}$/;

/**
 * @param {string} text
 * @param {string} prefix  what the URL of an upload begins with, for each of the bucket's hosts,
 *   between spaces; empty allows none
 * @returns {URL | "damaged" | "foreign"}
 */
export function readSigned(text, prefix) {
  const url = toUrl(text);
  if (!url) return "damaged";
  // Compared as the browser will read them: no user, port or `..` can disguise another place.
  const ours = prefix.split(" ").map(toUrl);
  if (!ours.some((place) => place && url.href.startsWith(place.href))) return "foreign";
  const said = SIGNED.map((name) => url.searchParams.get(`X-Amz-${name}`)).join(" ");
  if (!FORM.test(said)) return "damaged";
  return url;
}

/** @param {unknown} text */
export function isSignature(text) {
  return typeof text === "string" && /^[0-9a-f]{64}$/.test(text);
}

/**
 * When a signature ends, in ms since 1970.
 *
 * @param {URL} url
 */
export function signatureEnd({ searchParams: query }) {
  const date = query.get("X-Amz-Date") ?? "";
  const iso = date.replace(/(....)(..)(..T..)(..)(..Z)/, "$1-$2-$3:$4:$5");
  return Date.parse(iso) + 1000 * Number(query.get("X-Amz-Expires"));
}

/**
 * The first eight digits of the reference of the link behind a URL; "" where it has none.
 *
 * @param {URL} url
 */
export function referenceOf({ pathname }) {
  return /\/([0-9a-f]{8})[0-9a-f]{24}\/\d+$/.exec(pathname)?.[1]?.toUpperCase() ?? "";
}

/** @param {string} text */
function toUrl(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
