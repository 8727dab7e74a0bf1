/** Text that strangers wrote, made fit to be shown. Pure. */

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

/**
 * The same for what may have several lines.
 *
 * @param {unknown} text
 * @param {number} limit
 */
export function plainLines(text, limit) {
  if (typeof text !== "string") return "";
  const lines = text.slice(0, limit).split("\n");
  return lines.map((line) => plain(line, limit)).join("\n");
}

/**
 * JSON as an object, whatever it holds; an empty one if it is no JSON.
 *
 * @param {string} text
 * @returns {Record<string, any>}
 */
export function parse(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
