/** What may be done with a link, as the bot published it, made into a plan or its end. Pure. */

import { LARGEST } from "./policy.js";
import { isSignature, readSigned, referenceOf, signatureEnd } from "./signed.js";
import { parse, plain, plainLines } from "./text.js";

/**
 * A place for one file.
 *
 * @typedef {object} Slot
 * @property {string} n  its number
 * @property {string} put  the presigned URL to send the file to
 * @property {string} head  a presigned HEAD of the same key; "" where the link carries none
 * @property {boolean} once  the URL was signed with `If-None-Match`, so it must be sent
 */

/**
 * @typedef {object} Plan
 * @property {string} title  what is asked for; may be empty
 * @property {string} note  to the uploader; may be empty and have several lines
 * @property {string} requester  who asks; may be empty
 * @property {number} ends  when the link stops working, in ms since 1970
 * @property {number} signed  when its signatures do, which may be renewed before
 * @property {number} limit  bytes that a file may have
 * @property {string} sender  "ask", "require" or "hide": whether the uploader says who they are
 * @property {Slot[]} slots  the free ones
 * @property {string[]} covers  presigned URLs for the note of who sends, write-once
 * @property {[string, string][]} intents  numbers, and presigned URLs to announce a file under them
 * @property {string[]} [going]  places that large files are on their way to
 * @property {string} path  where the files go: names the link without being able to use it
 * @property {string} reference  what people may call the link by; may be empty
 */

/**
 * Why there is no plan, the name of a failure, and what is still known of the link.
 *
 * @typedef {{ why: string, title?: string, requester?: string }} Over
 */

/**
 * @param {string | undefined} text  JSON; "" if there is none, undefined if it cannot be fetched
 * @param {string} prefix  the URL that every upload must begin with
 * @returns {Plan | Over}
 */
export function readPlan(text, prefix) {
  if (!text) return { why: text === "" ? "missing" : "lost" };
  const said = parse(text);
  const about = { title: plain(said.for, 150), requester: plain(said.from, 80) };
  const over = (/** @type {string} */ why) => ({ why, ...about });
  if (said.v > 1) return over("newer");
  if (["closed", "full", "expired"].includes(said.state)) return over(said.state);
  // Nothing may end the path or the query before its time.
  const clean = /^[^?#]+\/$/.test(said.base) && /^[\w=&%.~+/-]+$/.test(said.query);
  if (said.v !== 1 || said.state !== "open" || !clean) return over("damaged");
  const signed = (/** @type {string} */ key, /** @type {unknown} */ signature, once = true) =>
    `${said.base}${key}?${said.query}&X-Amz-SignedHeaders=host${once ? "%3Bif-none-match" : ""}&X-Amz-Signature=${signature}`;
  const url = readSigned(signed("1", "0".repeat(64)), prefix);
  if (typeof url === "string") return over(url);
  const slots = entries(said.slots).map(([n, [put, head] = /** @type {any[]} */ ([])]) => ({
    n,
    put: isSignature(put) && signed(n, put),
    head: isSignature(head) && signed(n, head, false),
    once: true,
  }));
  const covers = entries(said.covers).map(
    ([n, put]) => isSignature(put) && signed(`cover/${n}`, put),
  );
  const intents = entries(said.intents).map(([n, put]) => [n, signed(`intent/${n}`, put)]);
  if (!slots.every(({ put, head }) => put && head) || !covers.every(Boolean))
    return over("damaged");
  if (!slots.length) return over("full");
  return /** @type {Plan} */ ({
    ...about,
    note: plainLines(said.note, 500),
    ends: 1000 * (Number(said.until) || Infinity),
    signed: signatureEnd(url),
    // What is announced first may be larger than one PUT.
    limit: Math.min(Number(said.limit) || LARGEST, intents.length ? Infinity : LARGEST),
    sender: ["ask", "require"].includes(said.sender) ? said.sender : "hide",
    slots,
    covers,
    intents,
    going: String(said.going).split(","),
    path: url.pathname,
    reference: referenceOf(url),
  });
}

/**
 * By number.
 *
 * @param {unknown} numbered
 * @returns {[string, any][]}
 */
function entries(numbered) {
  return Object.entries(Object(numbered)).filter(([n]) => /^[1-9]\d{0,3}$/.test(n));
}
