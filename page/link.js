/**
 * The address of the page, made into a plan or a named problem. Pure.
 *
 * Anyone can write such an address, so nothing in it is believed: a link may
 * only lead to the place that was baked into the page when it was published.
 */

/**
 * @typedef {object} Plan
 * @property {string} put  the presigned URL to send the file to
 * @property {string | null} head  a presigned HEAD of the same key, where the link carries one
 * @property {boolean} once  the URL was signed with `If-None-Match`, so it must be sent
 * @property {string} path  where the file goes; names the link without being able to use it
 * @property {number} ends  when the link stops working, in ms since 1970
 * @property {string} title  what is asked for; may be empty
 * @property {string} requester  who asks; may be empty
 */

/** What else than `host`, which browsers send, this page can send as a signed header. */
const SENDABLE = new Set(["host", "if-none-match"]);

const SIGNED = [
  ["X-Amz-Algorithm", /^AWS4-HMAC-SHA256$/],
  ["X-Amz-Credential", /./],
  ["X-Amz-Date", /^\d{8}T\d{6}Z$/],
  ["X-Amz-Expires", /^\d{1,6}$/],
  ["X-Amz-SignedHeaders", /^host(;|$)|;host(;|$)/],
  ["X-Amz-Signature", /^[0-9a-f]{64}$/],
];

/**
 * @param {string} address  the whole address of the page
 * @param {string} prefix  the URL that every upload must begin with; empty allows none
 * @returns {Plan | "noLink" | "damaged" | "foreign"}
 */
export function readLink(address, prefix) {
  const { searchParams, hash } = new URL(address);
  const carried = searchParams.get("s3_url");
  if (carried === null) return "noLink";
  const url = parse(decodeText(carried));
  if (!url) return "damaged";
  // Compared after normalising: no user, port or `..` can make another place look like ours.
  const allowed = parse(prefix);
  if (!allowed || !url.href.startsWith(allowed.href)) return "foreign";
  const query = url.searchParams;
  if (!SIGNED.every(([name, form]) => RegExp(form).test(query.get(String(name)) ?? ""))) {
    return "damaged";
  }
  const headers = (query.get("X-Amz-SignedHeaders") ?? "").split(";");
  if (!headers.every((name) => SENDABLE.has(name))) return "damaged";
  const said = readFragment(hash.slice(1));
  return {
    put: url.href,
    head: /^[0-9a-f]{64}$/.test(String(said.check)) ? headUrl(url.href, String(said.check)) : null,
    once: headers.includes("if-none-match"),
    path: url.pathname,
    ends: Math.min(signatureEnd(query), until(said.until)),
    title: plain(said.for, 150),
    requester: plain(said.from, 80),
  };
}

/**
 * Base64url or base64, with or without padding, as UTF-8; null if it is neither.
 *
 * @param {string} coded
 * @returns {string | null}
 */
export function decodeText(coded) {
  try {
    // Some mail programs escape `=` twice; in a query, `+` arrives as a space.
    const clean = coded.replace(/%3D/gi, "").replace(/-| /g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(clean.replace(/=+$/, "").replace(/ /g, "+")), (c) =>
      c.charCodeAt(0),
    );
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/**
 * One line without control or direction characters, which could make one
 * name look like another; cut to `limit` characters.
 *
 * @param {unknown} text
 * @param {number} limit
 */
export function plain(text, limit) {
  if (typeof text !== "string") return "";
  const line = text
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\p{Cs}]/gu, "")
    .replace(/[\p{Cc}\p{Z}]+/gu, " ")
    .trim();
  const letters = [...line];
  return letters.length > limit ? `${letters.slice(0, limit - 1).join("")}…` : line;
}

/** @param {string | null} text */
function parse(text) {
  return text && URL.canParse?.(text) !== false ? tryUrl(text) : null;
}
