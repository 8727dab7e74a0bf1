/** The address of the page: the name of a plan, a plan in itself, or a named problem. Pure. */

import { LARGEST } from "./policy.js";
import { isSignature, readSigned, referenceOf, signatureEnd } from "./signed.js";
import { decodeText, parse, plain } from "./text.js";

/**
 * @param {string} address  the whole address of the page
 * @param {string} prefix  the URL that every upload must begin with; empty allows none
 * @returns {{ short: string } | import("./plan.js").Plan | import("./plan.js").Over}
 */
export function readLink(address, prefix) {
  const { searchParams, hash } = new URL(address);
  const carried = searchParams.get("s3_url");
  // A full stop or bracket after the link belongs to the sentence around it.
  const fragment = hash.slice(1).replace(/(%..|[^\w-])+$/, "");
  if (carried === null) {
    if (/^[\w-]{22}$/.test(fragment)) return { short: fragment };
    return { why: fragment ? "damaged" : "noLink" };
  }
  const url = readSigned(decodeText(carried), prefix);
  if (typeof url === "string") return { why: url };
  // A fragment that was cut off on the way only leaves the page with less to say.
  const said = parse(decodeText(fragment));
  const signed = signatureEnd(url);
  return {
    title: plain(said.for, 150),
    note: "",
    requester: plain(said.from, 80),
    ends: Math.min(signed, 1000 * (Number(said.until) || Infinity)),
    signed,
    limit: LARGEST,
    sender: "hide",
    slots: [
      {
        n: "1",
        put: url.href,
        head: isSignature(said.check) ? headOf(url.href, said.check) : "",
        once: url.searchParams.get("X-Amz-SignedHeaders") !== "host",
      },
    ],
    covers: [],
    intents: [],
    path: url.pathname,
    reference: referenceOf(url),
  };
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
