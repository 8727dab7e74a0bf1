/** How a file goes on in parts, as the bot published it; and S3's words for it. Pure. */

import { isSignature, readSigned } from "./signed.js";
import { parse } from "./text.js";

/**
 * @typedef {object} Parts
 * @property {"open"} state
 * @property {string} slot
 * @property {number} size  of the file, in bytes
 * @property {number} part  of each part but the last, in bytes
 * @property {number} count
 * @property {number} hosts  of the bucket; any part may go to any of them
 * @property {(number: number, host: number) => string} put  presigned URLs, as all of these
 * @property {string[]} list
 * @property {string} complete
 * @property {string} abort
 * @property {string} head
 */

/**
 * What the bot says: how to go on, or in one word what has become of it; "" is nothing yet.
 *
 * @typedef {Parts | { state: string, list?: undefined }} Said
 */

/**
 * @param {string} text  JSON; "" if there is none yet
 * @param {string} prefix  as in `readSigned`
 * @returns {Said}
 */
export function readParts(text, prefix) {
  try {
    return read(parse(text), prefix);
  } catch {
    return { state: "damaged" };
  }
}

/**
 * @param {Record<string, any>} said
 * @param {string} prefix
 * @returns {Said}
 */
function read(said, prefix) {
  const { slot, size, part, bases = [], query = "" } = said;
  if (said.v > 1) return { state: "damaged" };
  if (said.state !== "open") return { state: String(said.state ?? "") };
  const count = Math.ceil(size / part);
  const blobs = [said.parts ?? []].flat().map(decoded);
  const clean =
    /^[\w=&%.~+/-]+$/.test(query) &&
    /^[1-9]\d{0,3}$/.test(slot) &&
    count > 0 &&
    count <= 10_000 &&
    bases.length > 0 &&
    bases.length === blobs.length &&
    said.list.length === Math.ceil(count / 1000) &&
    typeof said.upload === "string" &&
    blobs.every((blob) => blob.length === 32 * count) &&
    [...said.list, said.complete, said.abort, said.head].every(isSignature);
  const upload = `uploadId=${encodeURIComponent(said.upload)}`;
  const signed = (
    /** @type {string} */ signature,
    headers = "host",
    /** @type {string[]} */ more = [],
    host = 0,
  ) =>
    `${bases[host]}${slot}?${[query, `X-Amz-SignedHeaders=${headers}`, ...more].join("&")}&X-Amz-Signature=${signature}`;
  const put = (/** @type {number} */ number, /** @type {number} */ host) => {
    const signature = hex(blobs[host]?.slice(32 * (number - 1), 32 * number) ?? "");
    return signed(signature, "content-length%3Bhost", [`partNumber=${number}`, upload], host);
  };
  const ours = (/** @type {string} */ base, /** @type {number} */ host) =>
    /^[^?#]+\/$/.test(base) &&
    readSigned(signed("0".repeat(64), "host", [], host), prefix) instanceof URL;
  if (!clean || !bases.every(ours)) return { state: "damaged" };
  return {
    state: "open",
    slot: String(slot),
    size,
    part,
    count,
    hosts: bases.length,
    put,
    list: said.list.map((/** @type {string} */ signature, /** @type {number} */ page) =>
      signed(signature, "host", ["max-parts=1000", `part-number-marker=${1000 * page}`, upload]),
    ),
    complete: signed(said.complete, "host%3Bif-none-match", [upload]),
    abort: signed(said.abort, "host", [upload]),
    head: signed(said.head),
  };
}

/**
 * The parts that S3 lists: their ETags and sizes, by number.
 *
 * @param {string} xml  ListPartsResult
 * @returns {[number, { etag: string, size: number }][]}
 */
export function listed(xml) {
  return [...xml.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = ""]) => [
    Number(tagged("PartNumber", part)),
    { etag: tagged("ETag", part), size: Number(tagged("Size", part)) },
  ]);
}

/**
 * What completes an upload (CompleteMultipartUpload, "Request Syntax").
 *
 * @param {Map<number, { etag: string }>} parts
 */
export function completion(parts) {
  const list = [...parts]
    .sort(([one], [other]) => one - other)
    .map(
      ([number, { etag }]) =>
        `<Part><PartNumber>${number}</PartNumber><ETag>${escaped(etag)}</ETag></Part>`,
    );
  const xmlns = "http://s3.amazonaws.com/doc/2006-03-01/";
  return `<CompleteMultipartUpload xmlns="${xmlns}">${list.join("")}</CompleteMultipartUpload>`;
}

/**
 * What stands in an element of S3's; "" where there is none.
 *
 * @param {string} name
 * @param {string} xml
 */
export function tagged(name, xml) {
  const found = RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? "";
  return found.replaceAll("&quot;", '"').replaceAll("&#34;", '"').replaceAll("&amp;", "&");
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** @param {unknown} base64  @returns {string} of bytes; "" for what is none */
function decoded(base64) {
  try {
    return atob(String(base64));
  } catch {
    return "";
  }
}

/** @param {string} bytes */
function hex(bytes) {
  return Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
