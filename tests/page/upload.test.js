import assert from "node:assert/strict";
import { test } from "node:test";
import { TRIES } from "../../page/policy.js";
import { Slots } from "../../page/slots.js";
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
 * @param {object} said  answers: to PUTs, in order; stored: what HEADs find, in order; plans:
 *   what is found where the plan stood, in order, if the link is a short one; places: how many
 *   the link has
 */
function aWorld({ answers = [OK], stored = [], head = "", plans, places = 1, ...rest } = {}) {
  let sent = "";
  const asked = [];
  const urls = [];
  const slept = [];
  const states = [];
  const world = {
    send: async (_file, url, headers, _signal, progress) => {
      asked.push("PUT");
      urls.push(url);
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
  const plan = aPlan("", places, head);
  const slots = new Slots(plan, plans ? async () => plans.shift() ?? plan : null, world);
  const begin = (file = aFile()) =>
    new Upload(file, "mark.1", slots, world, ({ state }) => states.push(state));
  const upload = begin();
  const at = () => states.map((state) => state.at).filter((name, i, all) => name !== all[i - 1]);
  return { upload, world, slots, asked, urls, slept, states, at, begin, last: () => states.at(-1) };
}

/** A plan whose signatures can be told from others by a word. */
function aPlan(word, places = 1, head = "") {
  const slots = Array.from({ length: places }, (_, i) => ({
    n: String(i + 1),
    put: `put${i + 1}${word}`,
    head: head && `head${i + 1}${word}`,
    once: true,
  }));
  return { ends: ENDS, signed: ENDS, slots };
}

test("a file that meets no trouble is checked, sent and done", async () => {
  const { upload, at, asked } = aWorld();
  await upload.start();
  assert.deepEqual(at(), ["checking", "sending", "done"]);
  assert.deepEqual(asked, ["PUT"]);
});

test("an empty file is a file", async () => {
  const upload = aWorld().begin(aFile(0));
  await upload.start();
  assert.equal(upload.at, "done");
});

test("what is known beforehand is said before a byte is sent", async () => {
  for (const [why, world] of [
    ["unreadable", { readable: async () => false }],
    ["expired", { now: () => ENDS, ourTime: async () => ENDS }],
    ["taken", { head: "head", stored: [ANOTHER] }],
  ]) {
    const { upload, asked, last } = aWorld(world);
    await upload.start();
    assert.equal(last().why, why);
    assert.ok(!asked.includes("PUT"), why);
  }
});

test("a wrong local clock closes no link that the server's clock leaves open", async () => {
  for (const ourTime of [ENDS - 1, 0]) {
    const { upload } = aWorld({ now: () => ENDS + 1, ourTime: async () => ourTime });
    await upload.start();
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
    await upload.start();
    assert.equal(last().why, why);
    assert.equal(last().answer.status, answer.status);
    assert.equal(asked.length, 1);
  }
});

test("what may pass is tried again, with longer and longer waits", async () => {
  const { upload, slept, at } = aWorld({
    answers: [SLOW_DOWN, { status: 409 }, { status: 500 }, LOST, OK],
    random: () => 1 - 2 ** -30,
  });
  await upload.start();
  assert.equal(upload.at, "done");
  assert.deepEqual(slept.map(Math.round), [1000, 2000, 4000, 8000]);
  assert.deepEqual(at().slice(1, 4), ["sending", "waiting", "sending"]);
});

test("in the end a person must decide, and may then try again", async () => {
  for (const [why, answer] of [
    ["busy", SLOW_DOWN],
    ["lost", { ...LOST, moved: 5 }],
  ]) {
    const { upload, last, asked } = aWorld({ answers: [...Array(TRIES).fill(answer), OK] });
    await upload.start();
    assert.equal(last().why, why);
    assert.equal(asked.length, TRIES);
    upload.queue();
    await upload.start();
    assert.equal(upload.at, "done");
  }
});

test("offline, it waits without end and without counting, until the network is back", async () => {
  const offline = Array(TRIES * 2).fill(false);
  const { upload, slept, states } = aWorld({
    answers: [...offline.map(() => LOST), OK],
    online: () => offline.pop() ?? true,
  });
  await upload.start();
  assert.equal(upload.at, "done");
  assert.deepEqual(new Set(slept), new Set([Infinity]));
  assert.equal(states.find((state) => state.at === "waiting").why, "offline");
});

test("if our own server answers and not a byte gets out, something is in the way", async () => {
  const { upload, last, asked } = aWorld({
    answers: Array(9).fill(LOST),
    ourTime: async () => 1,
  });
  await upload.start();
  assert.equal(last().why, "blocked");
  assert.equal(asked.length, 3);
});

test("a file that changed on disk is named as the reason", async () => {
  const readable = [true, false];
  const { upload, last } = aWorld({ answers: [LOST], readable: async () => readable.shift() });
  await upload.start();
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
    await upload.start();
    assert.equal(upload.at, end, name);
    if (end === "failed") assert.equal(last().why, "taken");
  }
});

test("what was lost is remembered when a person tries again", async () => {
  const { upload } = aWorld({
    head: "h",
    answers: Array(TRIES).fill(LOST_AT_THE_END),
    stored: [...Array(TRIES + 1).fill(NOTHING), OURS],
  });
  await upload.start();
  assert.equal(upload.at, "failed");
  upload.queue();
  await upload.start();
  assert.equal(upload.at, "done");
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
    const running = upload.start();
    while (upload.at !== moment) await null;
    upload.cancel();
    if (moment !== "checking") await running;
    assert.equal(upload.at, "cancelled");
    assert.equal(states.at(-1).at, "cancelled");
    Object.assign(world, usual);
    upload.queue();
    await upload.start();
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
  await upload.start();
  assert.equal(upload.at, "done");
  assert.equal(waits, 2);
});

test("progress tells how far and how fast", async () => {
  let now = 0;
  const { begin, world, states } = aWorld({ now: () => now });
  world.send = async (_f, _u, _h, _s, progress) => {
    for (now = 1000; now <= 4000; now += 1000) progress(now / 100);
    return { code: "", message: "", ...OK };
  };
  await begin(aFile(40)).start();
  const sending = states.filter((state) => state.at === "sending");
  assert.deepEqual(sending.at(-1), { at: "sending", loaded: 40, speed: 10 });
});

test("illegal moves are refused", async () => {
  const { upload, world } = aWorld();
  assert.throws(() => upload.queue(), /queued → queued/);
  world.send = () => new Promise(() => {});
  upload.start();
  while (upload.at !== "sending") await null;
  await assert.rejects(upload.start(), /sending → checking/);
  const done = aWorld();
  await done.upload.start();
  assert.throws(() => done.upload.cancel(), /done → cancelled/);
  await assert.rejects(done.upload.start(), /done → checking/);
});

test("a place that another has taken is no failure while there is a next one", async () => {
  const { upload, urls, states } = aWorld({
    places: 3,
    plans: [],
    answers: [TAKEN, TAKEN, { ...OK, crc: "AAAA" }],
  });
  await upload.start();
  assert.equal(upload.at, "done");
  assert.equal(states.at(-1).crc, "AAAA");
  assert.equal(new Set(urls).size, 3);
});

test("no byte is sent to a place where something is found", async () => {
  const { upload, asked } = aWorld({ head: "h", places: 2, plans: [], stored: [ANOTHER, NOTHING] });
  await upload.start();
  assert.equal(upload.at, "done");
  assert.deepEqual(asked, ["HEAD", "HEAD", "PUT"]);
});

test("what the plan says by then is said when a place is gone", async () => {
  for (const [why, plan] of [
    ["closed", { why: "closed" }],
    ["full", { why: "full" }],
    ["expired", { why: "expired" }],
    ["missing", { why: "missing" }],
    ["full", { why: "lost" }],
    ["full", aPlan("")],
  ]) {
    const { upload, last, slots } = aWorld({ plans: [plan], answers: [TAKEN] });
    await upload.start();
    assert.equal(last().why, why);
    assert.equal(slots.free.length, 0);
  }
});

test("a signature that died is exchanged for a fresh one, and the file goes on", async () => {
  for (const answer of [
    { status: 403, message: "Request has expired" },
    { status: 400, code: "ExpiredToken" },
    { status: 403, code: "InvalidAccessKeyId" },
  ]) {
    const { upload, urls, slept } = aWorld({ plans: [aPlan(" fresh")], answers: [answer, OK] });
    await upload.start();
    assert.equal(upload.at, "done");
    assert.deepEqual(urls, ["put1", "put1 fresh"]);
    assert.deepEqual(slept, []);
  }
});

test("a signature that nobody has renewed yet is waited for, and not for ever", async () => {
  const dead = { status: 403, message: "Request has expired" };
  const late = aWorld({
    plans: [aPlan(""), { why: "lost" }, aPlan(" fresh")],
    answers: [dead, dead, dead, OK],
  });
  await late.upload.start();
  assert.equal(late.upload.at, "done");
  assert.equal(late.slept.length, 2);
  const never = aWorld({ plans: [], answers: Array(TRIES).fill(dead) });
  await never.upload.start();
  assert.equal(never.last().why, "busy");
});

test("a signature in its last minute is renewed before it is used", async () => {
  const { upload, urls } = aWorld({ plans: [aPlan(" fresh")], now: () => ENDS - 59_000 });
  await upload.start();
  assert.deepEqual(urls, ["put1 fresh"]);
});

test("a place that left the plan while its answer was lost is asked for our file", async () => {
  const dead = { status: 403, message: "Request has expired" };
  const said = () => ({ places: 2, head: "h", answers: [LOST_AT_THE_END, dead, OK] });
  const gone = () => [{ ...aPlan("", 2, "h"), slots: [aPlan("", 1, "h").slots[0]] }];
  const ours = aWorld({ ...said(), plans: gone(), stored: [NOTHING, NOTHING, OURS] });
  await ours.upload.start();
  assert.equal(ours.upload.at, "done");
  assert.deepEqual(ours.urls, ["put2", "put2"]);
  const theirs = aWorld({ ...said(), plans: gone(), stored: [NOTHING, NOTHING, ANOTHER] });
  await theirs.upload.start();
  assert.equal(theirs.upload.at, "done");
  assert.deepEqual(theirs.urls, ["put2", "put2", "put1"]);
});

test("a link that was given more time takes files after its old end", async () => {
  const world = { now: () => ENDS, ourTime: async () => ENDS };
  const longer = { ...aPlan(" fresh"), ends: 2 * ENDS, signed: 2 * ENDS };
  const { upload } = aWorld({ ...world, plans: [longer] });
  await upload.start();
  assert.equal(upload.at, "done");
});

test("a cancelled file gives its place back, also while it was being asked for", async () => {
  const { upload, world, slots, begin } = aWorld({ head: "h" });
  const { probe } = world;
  world.probe = () => new Promise(() => {});
  upload.start();
  while (slots.free.length) await null;
  upload.cancel();
  assert.equal(slots.free.length, 1);
  world.probe = probe;
  const another = begin();
  await another.start();
  assert.equal(another.at, "done");
  assert.equal(slots.free.length, 0);
});
