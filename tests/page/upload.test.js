import assert from "node:assert/strict";
import { test } from "node:test";
import { LARGEST, TRIES } from "../../page/policy.js";
import { Upload } from "../../page/upload.js";

const ENDS = 1_000_000;
const OK = { status: 200 };
const LOST = { status: 0 };
const LOST_AT_THE_END = { status: 0, moved: 10, sent: true };
const TAKEN = { status: 412, code: "PreconditionFailed" };
// What a HEAD may find: nothing (or no answer), the file of this upload, somebody else's.
const NOTHING = "";
const OURS = "ours";
const ANOTHER = "attachment; filename*=UTF-8''a.txt; mark=another";
const SLOW_DOWN = { status: 503, code: "SlowDown" };

const aFile = (size = 10) =>
  /** @type {File} */ ({ name: "a.txt", type: "", size, lastModified: 7 });

/**
 * A world that gives the answers it was told to, one a request, and remembers what it was asked.
 *
 * @param {object} said  answers: to PUTs, in order; stored: what HEADs find, in order
 */
function aWorld({ answers = [OK], stored = [], head = "", ...rest } = {}) {
  let sent = "";
  const asked = [];
  const slept = [];
  const states = [];
  const world = {
    send: async (_file, _url, headers, _signal, progress) => {
      asked.push("PUT");
      sent = headers["Content-Disposition"];
      const answer = { code: "", message: "", moved: 0, sent: false, ...answers.shift() };
      if (answer.moved) progress(answer.moved);
      return answer;
    },
    probe: async () => {
      asked.push("HEAD");
      const found = stored.shift() ?? "";
      return found === OURS ? sent : found;
    },
    ourTime: async () => 0,
    readable: async () => true,
    online: () => true,
    now: () => 0,
    random: () => 0.5,
    sleep: async (ms) => {
      slept.push(ms);
    },
    ...rest,
  };
  const plan = { put: "put", head, once: true, path: "/", ends: ENDS, title: "", requester: "" };
  const upload = new Upload(plan, world, (state) => states.push(state));
  const at = () => states.map((state) => state.at).filter((name, i, all) => name !== all[i - 1]);
  return { upload, world, asked, slept, states, at, last: () => states.at(-1) };
}

test("a file that meets no trouble is checked, sent and done", async () => {
  const { upload, at, asked } = aWorld();
  await upload.start(aFile());
  assert.deepEqual(at(), ["checking", "sending", "done"]);
  assert.deepEqual(asked, ["PUT"]);
});

test("an empty file is a file", async () => {
  const { upload } = aWorld();
  await upload.start(aFile(0));
  assert.equal(upload.at, "done");
});

test("what is known beforehand is said before a byte is sent", async () => {
  for (const [why, size, world] of [
    ["tooLarge", LARGEST + 1, {}],
    ["unreadable", 1, { readable: async () => false }],
    ["expired", 1, { now: () => ENDS, ourTime: async () => ENDS }],
    ["taken", 1, { head: "head", stored: [ANOTHER] }],
  ]) {
    const { upload, asked, last } = aWorld(world);
    await upload.start(aFile(size));
    assert.equal(last().why, why);
    assert.ok(!asked.includes("PUT"), why);
  }
});

test("the largest file that S3 takes is sent", async () => {
  const { upload } = aWorld();
  await upload.start(aFile(LARGEST));
  assert.equal(upload.at, "done");
});

test("a wrong local clock closes no link that the server's clock leaves open", async () => {
  for (const ourTime of [ENDS - 1, 0]) {
    const { upload } = aWorld({ now: () => ENDS + 1, ourTime: async () => ourTime });
    await upload.start(aFile());
    assert.equal(upload.at, "done", `server says ${ourTime}`);
  }
});

test("what cannot be helped by another try fails at once, by its own name", async () => {
  for (const [why, answer] of [
    ["taken", TAKEN],
    ["expired", { status: 403, message: "Request has expired" }],
    ["damaged", { status: 403, code: "SignatureDoesNotMatch" }],
    ["refused", { status: 403, code: "AccessDenied" }],
    ["moved", { status: 307 }],
    ["unknown", { status: 501, code: "NotImplemented" }],
  ]) {
    const { upload, last, asked } = aWorld({ answers: [answer] });
    await upload.start(aFile());
    assert.equal(last().why, why);
    assert.equal(last().answer.status, answer.status);
    assert.equal(asked.length, 1);
  }
});

test("what may pass is tried again, with longer and longer waits", async () => {
  const { upload, slept, at } = aWorld({
    answers: [SLOW_DOWN, { status: 409 }, { status: 500 }, LOST, OK],
    random: () => 1,
  });
  await upload.start(aFile());
  assert.equal(upload.at, "done");
  assert.deepEqual(slept, [1000, 2000, 4000, 8000]);
  assert.deepEqual(at().slice(1, 4), ["sending", "waiting", "sending"]);
});

test("in the end a person must decide, and may then try again", async () => {
  for (const [why, answer] of [
    ["busy", SLOW_DOWN],
    ["lost", { ...LOST, moved: 5 }],
  ]) {
    const { upload, last, asked } = aWorld({ answers: [...Array(TRIES).fill(answer), OK] });
    await upload.start(aFile());
    assert.equal(last().why, why);
    assert.equal(asked.length, TRIES);
    await upload.start(aFile());
    assert.equal(upload.at, "done");
  }
});

test("offline, it waits without end and without counting, until the network is back", async () => {
  const offline = Array(TRIES * 2).fill(false);
  const { upload, slept, states } = aWorld({
    answers: [...offline.map(() => LOST), OK],
    online: () => offline.pop() ?? true,
  });
  await upload.start(aFile());
  assert.equal(upload.at, "done");
  assert.deepEqual(new Set(slept), new Set([Infinity]));
  assert.equal(states.find((state) => state.at === "waiting").why, "offline");
});

test("if our own server answers and not a byte gets out, something is in the way", async () => {
  const { upload, last, asked } = aWorld({
    answers: Array(9).fill(LOST),
    ourTime: async () => 1,
  });
  await upload.start(aFile());
  assert.equal(last().why, "blocked");
  assert.equal(asked.length, 3);
});

test("a file that changed on disk is named as the reason", async () => {
  const readable = [true, false];
  const { upload, last } = aWorld({ answers: [LOST], readable: async () => readable.shift() });
  await upload.start(aFile());
  assert.equal(last().why, "unreadable");
});

test("after a lost answer the page finds out whether the file is there", async () => {
  for (const [name, end, said] of [
    [
      "there, found by HEAD",
      "done",
      { head: "h", answers: [LOST_AT_THE_END], stored: [NOTHING, OURS] },
    ],
    [
      "there, found by HEAD after a 412",
      "done",
      { head: "h", answers: [{ status: 0, moved: 9 }, TAKEN], stored: [NOTHING, OURS] },
    ],
    [
      "sent twice by the browser itself",
      "done",
      { head: "h", answers: [{ ...TAKEN, sent: true }], stored: [NOTHING, OURS] },
    ],
    [
      "another's, which came in between",
      "failed",
      { head: "h", answers: [{ ...TAKEN, sent: true }], stored: [NOTHING, ANOTHER] },
    ],
    [
      "another's of the same name and size",
      "failed",
      { head: "h", answers: [LOST_AT_THE_END, TAKEN], stored: [NOTHING, ANOTHER, ANOTHER] },
    ],
    [
      "no HEAD possible, all had been sent",
      "done",
      { head: "h", answers: [LOST_AT_THE_END, TAKEN], stored: [NOTHING, NOTHING, NOTHING] },
    ],
    ["bare link, all had been sent", "done", { answers: [LOST_AT_THE_END, TAKEN] }],
    ["bare link, a part had been sent", "failed", { answers: [{ status: 0, moved: 9 }, TAKEN] }],
    [
      "not there",
      "done",
      { head: "h", answers: [LOST_AT_THE_END, OK], stored: [NOTHING, NOTHING] },
    ],
  ]) {
    const { upload, last } = aWorld(said);
    await upload.start(aFile());
    assert.equal(upload.at, end, name);
    if (end === "failed") assert.equal(last().why, "taken");
  }
});

test("what was lost is remembered when a person tries again, for the same file only", async () => {
  for (const [name, size, end] of [
    ["the same file", 10, "done"],
    ["another one", 11, "failed"],
  ]) {
    const random = [0.1, ...Array(TRIES).fill(0.5), 0.2];
    const stored = Array(TRIES + 1).fill(NOTHING);
    const { upload } = aWorld({
      head: "h",
      answers: Array(TRIES).fill(LOST_AT_THE_END),
      stored: [...stored, OURS],
      random: () => random.shift() ?? 0.5,
    });
    await upload.start(aFile(10));
    assert.equal(upload.at, "failed");
    await upload.start(aFile(size));
    assert.equal(upload.at, end, name);
  }
});

test("cancelling is no error: everything stops, and a file can be sent again", async () => {
  const whenAborted = (signal) =>
    new Promise((end) => signal.addEventListener("abort", () => end({ ...LOST, sent: false })));
  for (const moment of ["checking", "sending", "waiting"]) {
    const { upload, world, states } = aWorld({ answers: [SLOW_DOWN, OK] });
    const usual = { ...world };
    if (moment === "checking") world.readable = () => new Promise(() => {});
    if (moment === "sending") world.send = (_f, _u, _h, signal) => whenAborted(signal);
    if (moment === "waiting") world.sleep = (_ms, woken) => whenAborted(woken);
    const running = upload.start(aFile());
    while (upload.at !== moment) await null;
    upload.cancel();
    if (moment !== "checking") await running;
    assert.equal(upload.at, "cancelled");
    assert.equal(states.at(-1).at, "cancelled");
    Object.assign(world, usual);
    await upload.start(aFile());
    assert.equal(upload.at, "done");
  }
});

test("a wait can be cut short, and an earlier one's cut has no effect on it", async () => {
  let waits = 0;
  const { upload, world } = aWorld({ answers: [SLOW_DOWN, SLOW_DOWN, OK] });
  upload.hurry();
  world.sleep = (_ms, woken) => {
    waits++;
    assert.ok(!woken.aborted);
    return new Promise((wake) => {
      woken.addEventListener("abort", wake);
      queueMicrotask(() => upload.hurry());
    });
  };
  await upload.start(aFile());
  assert.equal(upload.at, "done");
  assert.equal(waits, 2);
});

test("progress tells how far and how fast", async () => {
  let now = 0;
  const { upload, world, states } = aWorld({ now: () => now });
  world.send = async (_f, _u, _h, _s, progress) => {
    for (now = 1000; now <= 4000; now += 1000) progress(now / 100);
    return { code: "", message: "", ...OK };
  };
  await upload.start(aFile(40));
  const sending = states.filter((state) => state.at === "sending");
  assert.deepEqual(sending.at(-1), { at: "sending", loaded: 40, speed: 10 });
});

test("illegal moves are refused", async () => {
  const ready = aWorld();
  assert.throws(() => ready.upload.cancel(), /ready → cancelled/);
  const { upload, world } = aWorld();
  world.send = () => new Promise(() => {});
  upload.start(aFile());
  while (upload.at !== "sending") await null;
  await assert.rejects(upload.start(aFile()), /sending → checking/);
  const done = aWorld();
  await done.upload.start(aFile());
  assert.throws(() => done.upload.cancel(), /done → cancelled/);
  await assert.rejects(done.upload.start(aFile()), /done → checking/);
});
