/** The page's dealings with the network, the disk and the clock. Each settles, come what may. */

import { HASHED, STALL } from "./policy.js";

/**
 * PUT a file as it lies on disk: the browser streams it, where a buffer would be copied.
 * Aborted, or not moving for `STALL` ms, it ends like a request whose answer was lost.
 *
 * @param {Blob} file
 * @param {string} url
 * @param {Record<string, string>} headers
 * @param {AbortSignal} signal
 * @param {(loaded: number) => void} progress
 * @returns {Promise<import("./policy.js").Answer>}
 */
function send(file, url, headers, signal, progress) {
  // XMLHttpRequest, because fetch tells nothing of a request's progress.
  const xhr = new XMLHttpRequest();
  let moved = 0;
  let sent = false;
  let stall = 0;
  const alive = () => {
    clearTimeout(stall);
    stall = setTimeout(() => xhr.abort(), STALL);
  };
  xhr.upload.onprogress = ({ loaded }) => {
    moved = loaded;
    alive();
    progress(loaded);
  };
  xhr.upload.onload = () => {
    sent = true;
  };
  signal.addEventListener("abort", () => xhr.abort());
  xhr.open("PUT", url);
  for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
  return new Promise((settle) => {
    xhr.onloadend = () => {
      clearTimeout(stall);
      const [code, message] = [tag("Code", xhr.responseText), tag("Message", xhr.responseText)];
      const crc = xhr.getResponseHeader("x-amz-checksum-crc64nvme") ?? "";
      const etag = xhr.getResponseHeader("ETag") ?? "";
      settle({ status: xhr.status, code, message, moved, sent, crc, etag });
    };
    alive();
    xhr.send(file);
  });
}

/**
 * @param {string} url  a presigned HEAD
 * @returns {Promise<string>} the Content-Disposition of what is stored there; "" if nothing is
 *   to be seen, or there is no answer
 */
async function probe(url) {
  const answer = await ask(url, "HEAD");
  return answer?.ok ? (answer.headers.get("Content-Disposition") ?? "none") : "";
}

/**
 * @param {string} id  of a short link
 * @returns {Promise<string | undefined>} its plan, unread; "" if there is none, undefined if it
 *   cannot be fetched
 */
export async function fetchPlan(id) {
  const answer = await ask(`p/${id}.json`);
  // S3 hides what is missing from those who may not list.
  if (answer?.status === 403 || answer?.status === 404) return "";
  return answer?.ok ? answer.text().catch(() => undefined) : undefined;
}

/**
 * The SHA-256 of a file in hex; "" where it costs too much or cannot be told.
 *
 * @param {Blob} file
 */
export async function sha256(file) {
  if (file.size > HASHED) return "";
  try {
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join(
      "",
    );
  } catch {
    return "";
  }
}

/** @returns {Promise<number>} our own server's clock, in ms since 1970; 0 if it cannot be reached */
async function ourTime() {
  const answer = await ask(location.pathname, "HEAD");
  if (!answer) return 0;
  // A CDN's answer may be a while old; `Age` says how many seconds.
  const { headers } = answer;
  return Date.parse(headers.get("Date") ?? "") + 1000 * Number(headers.get("Age"));
}

/** @param {File} file  @returns {Promise<boolean>} false once it was moved, changed or locked */
function readable(file) {
  return file
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    );
}

/**
 * @param {number} ms  Infinity sleeps until woken
 * @param {AbortSignal} woken
 * @returns {Promise<void>}
 */
function sleep(ms, woken) {
  return new Promise((wake) => {
    woken.addEventListener("abort", () => wake());
    if (ms < Infinity) setTimeout(wake, ms);
  });
}

/**
 * @param {string} url
 * @param {string} [method]
 * @returns {Promise<Response | undefined>}
 */
function ask(url, method) {
  const signal = AbortSignal.timeout(15_000);
  return fetch(url, { method, cache: "no-store", signal }).catch(() => undefined);
}

/**
 * @param {string} name
 * @param {string} xml  S3's error document, or anything
 */
function tag(name, xml) {
  return RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? "";
}

/** All of this, for those who want it handed in. @type {import("./upload.js").World} */
export const world = {
  send,
  probe,
  ourTime,
  readable,
  sleep,
  online: () => navigator.onLine,
  now: Date.now,
  random: Math.random,
};
