/** The parts of one file carried to S3, several at a time, each by itself. */

import { Lanes } from "./lanes.js";
import { backOff, judge } from "./policy.js";

/** @typedef {import("./policy.js").Answer} Answer */
/** @typedef {Map<number, { etag: string, size: number }>} Have  the parts that S3 has, by number */

/** So many failures in a row, with nothing sent meanwhile, and the whole upload pauses. */
const FAILURES = 12;

/** After so many at a host of which nothing is heard, the first one does its work. */
const SILENT = 3;

/** A part has to be on its way for this long, in ms, before it can be late. */
const YOUNG = 1000;

/**
 * A part is late that will take so many times as long still as a whole one usually does, or as
 * its copy does.
 */
const LATE = 1.3;

/** After a copy that was no faster, a part has to be so many times as late before the next one. */
const LATER = 4;

/** How often a lane that has nothing to do looks for something, in ms. */
const LOOK = 500;

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
 * @property {Pick<import("./upload.js").World, "send" | "sleep" | "random" | "now">} world
 * @property {AbortSignal} signal  not aborted yet
 * @property {(kept: number, going: number) => void} show  told of bytes there and on their way
 */

/**
 * One sending of a part.
 *
 * @typedef {object} Sending
 * @property {number} number
 * @property {number} size
 * @property {number} begun  ms since 1970
 * @property {number} bytes  that are out
 * @property {boolean} counts  as progress: what is sent twice gets on once
 * @property {number} beaten  copies of it that were no faster
 * @property {AbortController} cut
 */

/**
 * Send what is not there, the first parts first. When nothing is left to begin, a part that is
 * late is sent a second time beside itself, and whichever is there first ends the other: without
 * that, one bad connection of six decides how long the whole takes. Where it is the line that has
 * become slow, the copy is soon seen to be no faster, and ends.
 *
 * @param {Freight} freight
 * @returns {Promise<{ end?: Answer, moved: number }>} why it ended before all was there, and how
 *   many bytes left this machine
 */
export async function carry({ file, parts, have, world, signal, show }) {
  const stop = new AbortController();
  const left = Array.from({ length: parts.count }, (_, i) => i + 1).filter((n) => !have.has(n));
  /** @type {Set<Sending>} */
  const going = new Set();
  /** Failures at hosts of which nothing was heard, since the first host last took a part. */
  const quiet = new Map();
  const silent = new Set();
  let kept = bytesOf(have);
  let [out, moved, failures] = [0, 0, 0];
  /** How many parts came there, and how long that took all of them together, in ms. */
  let [came, spent] = [0, 0];
  /** @type {Promise<void> | undefined} */
  let pause;
  /** @type {Answer | undefined} */
  let end;
  const quit = () => {
    stop.abort();
    for (const { cut } of going) cut.abort();
  };
  signal.addEventListener("abort", quit);

  /** @param {number} number */
  const sendingsOf = (number) => [...going].filter((one) => one.number === number);

  /** How long it will take still, in ms. @param {Sending} sending */
  const rest = ({ begun, size, bytes }) => {
    const age = world.now() - begun;
    // What has left the page may be held up on its way: its age tells.
    return Math.max((age * (size - bytes)) / bytes, age - spent / came);
  };

  /** @param {Sending} sending */
  const isYoung = ({ begun }) => world.now() - begun < YOUNG;

  /** The sending that is later than all others, if one is late. */
  const late = () => {
    const usual = spent / came;
    const known = [...going].filter(
      (one) =>
        one.counts &&
        !isYoung(one) &&
        sendingsOf(one.number).length === 1 &&
        rest(one) > LATE * LATER ** one.beaten * usual,
    );
    return known.sort((one, other) => rest(other) - rest(one))[0];
  };

  /**
   * One part. Each has a signal of its own, which goes with it: what listens to the file's would
   * hold every part in memory until its end.
   *
   * @param {number} number
   * @param {number} host
   * @param {Sending} [late]  of the same part, to be overtaken
   * @returns {Promise<Answer>}
   */
  const send = async (number, host, late) => {
    const begin = (number - 1) * parts.part;
    const slice = file.slice(begin, begin + parts.part);
    const { size } = slice;
    /** @type {Sending} */
    const mine = {
      ...{ number, size, begun: world.now(), bytes: 0, counts: !late, beaten: 0 },
      cut: new AbortController(),
    };
    going.add(mine);
    const answer = await world.send(
      slice,
      parts.put(number, host),
      {},
      mine.cut.signal,
      (/** @type {number} */ bytes) => {
        if (mine.counts) out += bytes - mine.bytes;
        moved += Math.max(0, bytes - mine.bytes);
        mine.bytes = bytes;
        if (!stop.signal.aborted) show(kept, out);
        if (late && going.has(late) && !isYoung(mine) && LATE * rest(mine) > rest(late)) {
          late.beaten++;
          mine.cut.abort();
        }
      },
    );
    going.delete(mine);
    if (mine.counts) out -= mine.bytes;
    if (judge(answer) === "stored" && answer.etag) {
      if (!have.has(number)) kept += size;
      have.set(number, { etag: answer.etag, size });
      came++;
      spent += world.now() - mine.begun;
      for (const other of sendingsOf(number)) {
        if (other.counts) out -= other.bytes;
        other.counts = false;
        other.cut.abort();
      }
      if (!stop.signal.aborted) show(kept, out);
    }
    return answer;
  };

  /** @param {number} host */
  const lane = async (host) => {
    // To cut and send a part takes some ms; between two of them the page may do other things.
    await world.sleep(0, stop.signal);
    for (let tries = 0; !stop.signal.aborted && !silent.has(host); ) {
      if (!left.length && !late()) {
        pause ??= world.sleep(LOOK, stop.signal).then(() => {
          pause = undefined;
        });
        await pause;
        continue;
      }
      if (!(await lanes.enter(host, stop.signal))) return;
      const first = left.shift();
      const slow = first ? undefined : late();
      const number = first ?? slow?.number;
      const answer = number && (await send(number, host, slow));
      lanes.leave(host);
      if (stop.signal.aborted) return;
      if (!answer) continue; // another lane has taken it
      const why = judge(answer);
      if (why === "stored" && have.has(number)) {
        failures = tries = 0;
        quiet.delete(host);
        // It works, and so the line does.
        for (const [other, times] of quiet) if (!host && times >= SILENT) silent.add(other);
        if (have.size === parts.count) quit();
        continue;
      }
      if (have.has(number)) continue; // the other sending was faster
      if (slow && going.has(slow)) {
        // Or will be, or this one has failed: in either case another helps later, if at all.
        await world.sleep(backOff(++tries, world.random()), stop.signal);
        continue;
      }
      const again = why === "lost" || why === "busy";
      tries++;
      // What another host fails in says nothing of the line.
      if (again && host && !answer.moved) quiet.set(host, (quiet.get(host) ?? 0) + 1);
      else failures++;
      if (!again || failures >= FAILURES) end ??= answer;
      if (end) quit();
      const wait = () => world.sleep(backOff(tries, world.random()), stop.signal);
      // The last of all waits with its lane, as the others would only try all at once.
      const isLast = !left.length && !host;
      if (isLast) await wait();
      const cared = have.has(number) || left.includes(number) || sendingsOf(number).length;
      if (!cared) left.unshift(number);
      if (!isLast) await wait();
    }
  };

  show(kept, 0);
  if (left.length) await Promise.all(Lanes.of(parts.hosts).map(lane));
  signal.removeEventListener("abort", quit);
  return { end, moved };
}
