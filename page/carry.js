/** The parts of one file carried to S3, several at a time, each by itself. */

import { Lanes } from "./lanes.js";
import { backOff, judge } from "./policy.js";

/** @typedef {import("./policy.js").Answer} Answer */
/** @typedef {Map<number, { etag: string, size: number }>} Have  the parts that S3 has, by number */

/** So many failures in a row, with nothing sent meanwhile, and the whole upload pauses. */
const FAILURES = 12;

/** After so many at a host of which nothing is heard, the first one does its work. */
const SILENT = 3;

/** What all large files of the page share. */
const lanes = new Lanes();

/** How much is there. @param {Have} have */
export function bytesOf(have) {
  return [...have.values()].reduce((sum, { size }) => sum + size, 0);
}

/**
 * @typedef {object} Freight
 * @property {File} file
 * @property {import("./parts.js").Parts} parts
 * @property {Have} have  gets what was sent
 * @property {Pick<import("./upload.js").World, "send" | "sleep" | "random">} world
 * @property {AbortSignal} signal  not aborted yet
 * @property {(kept: number, going: number) => void} show  told of bytes there and on their way
 */

/**
 * Send what is not there, the first parts first.
 *
 * @param {Freight} freight
 * @returns {Promise<{ end?: Answer, moved: number }>} why it ended before all was there, and how
 *   many bytes left this machine
 */
export async function carry({ file, parts, have, world, signal, show }) {
  const stop = new AbortController();
  const left = Array.from({ length: parts.count }, (_, i) => i + 1).filter((n) => !have.has(n));
  /** Of the parts on their way: how much is out, and how to cut them. */
  const going = new Map();
  /** Failures at hosts of which nothing was heard, since the first host last took a part. */
  const quiet = new Map();
  const silent = new Set();
  let kept = bytesOf(have);
  let [out, moved, failures] = [0, 0, 0];
  /** @type {Answer | undefined} */
  let end;
  const quit = () => {
    stop.abort();
    for (const { cut } of going.values()) cut.abort();
  };
  signal.addEventListener("abort", quit);

  /**
   * One part. Each has a signal of its own, which goes with it: what listens to the file's would
   * hold every part in memory until its end.
   *
   * @param {number} number
   * @param {number} host
   */
  const send = async (number, host) => {
    const begin = (number - 1) * parts.part;
    const slice = file.slice(begin, begin + parts.part);
    const mine = { bytes: 0, cut: new AbortController() };
    going.set(number, mine);
    const answer = await world.send(
      slice,
      parts.put(number, host),
      {},
      mine.cut.signal,
      (/** @type {number} */ bytes) => {
        out += bytes - mine.bytes;
        moved += Math.max(0, bytes - mine.bytes);
        mine.bytes = bytes;
        if (!stop.signal.aborted) show(kept, out);
      },
    );
    going.delete(number);
    out -= mine.bytes;
    if (judge(answer) === "stored" && answer.etag) {
      have.set(number, { etag: answer.etag, size: slice.size });
      kept += slice.size;
      if (!stop.signal.aborted) show(kept, out);
      return undefined;
    }
    left.unshift(number);
    return answer;
  };

  /** @param {number} host */
  const lane = async (host) => {
    // To cut and send a part takes some ms; between two of them the page may do other things.
    await world.sleep(0, stop.signal);
    for (let tries = 0; left.length && !silent.has(host); ) {
      if (!(await lanes.enter(host, stop.signal))) return;
      const number = left.shift();
      const failed = number && (await send(number, host));
      lanes.leave(host);
      if (stop.signal.aborted) return;
      if (!failed) {
        failures = tries = 0;
        quiet.delete(host);
        // It works, and so the line does.
        for (const [other, times] of quiet) if (!host && times >= SILENT) silent.add(other);
        continue;
      }
      const why = judge(failed);
      const again = why === "lost" || why === "busy";
      tries++;
      // What another host fails in says nothing of the line.
      if (again && host && !failed.moved) quiet.set(host, (quiet.get(host) ?? 0) + 1);
      else failures++;
      if (!again || failures >= FAILURES) end ??= failed;
      else await world.sleep(backOff(tries, world.random()), stop.signal);
      if (end) quit();
    }
  };

  show(kept, 0);
  // Lanes end where nothing is left; one that failed at the very end leaves something again.
  while (left.length && !stop.signal.aborted) {
    await Promise.all(Lanes.of(parts.hosts).map(lane));
  }
  signal.removeEventListener("abort", quit);
  return { end, moved };
}
