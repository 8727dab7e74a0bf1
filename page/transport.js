/** The page's dealings with the network, the disk and the clock. Each settles, come what may. */

import { STALL } from "./policy.js";

/**
 * PUT a file as it lies on disk: the browser streams it, where a buffer would be copied.
 * Aborted, or not moving for `STALL` ms, it ends like a request whose answer was lost.
 *
 * @param {File} file
 * @param {string} url
 * @param {Record<string, string>} headers
 * @param {AbortSignal} signal
 * @param {(loaded: number) => void} progress
 * @returns {Promise<import("./policy.js").Answer>}
 */
export function send(file, url, headers, signal, progress) {
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
      settle({ status: xhr.status, code, message, moved, sent });
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
export async function probe(url) {
  const answer = await head(url);
  return answer?.ok ? (answer.headers.get("Content-Disposition") ?? "none") : "";
}

/** @returns {Promise<number>} our own server's clock, in ms since 1970; 0 if it cannot be reached */
export async function ourTime() {
  const answer = await head(location.pathname);
  if (!answer) return 0;
  // A CDN's answer may be a while old; `Age` says how many seconds.
  const { headers } = answer;
  return Date.parse(headers.get("Date") ?? "") + 1000 * Number(headers.get("Age"));
}

/** @param {File} file  @returns {Promise<boolean>} false once it was moved, changed or locked */
export function readable(file) {
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
export function sleep(ms, woken) {
  return new Promise((wake) => {
    woken.addEventListener("abort", () => wake());
    if (ms < Infinity) setTimeout(wake, ms);
  });
}

/** @param {string} url  @returns {Promise<Response | undefined>} */
function head(url) {
  const signal = AbortSignal.timeout(15_000);
  return fetch(url, { method: "HEAD", cache: "no-store", signal }).catch(() => undefined);
}

/**
 * @param {string} name
 * @param {string} xml  S3's error document, or anything
 */
function tag(name, xml) {
  return RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? "";
}
