import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect, QUICK } from "../../page/large.js";
import { aBucket, aFile, MIB } from "./bucket.js";

const GIB = 1024 ** 3;
/** On a line that would take a single PUT longer than anybody waits. */
const LARGE = 40 * MIB;
const SLOW_DOWN = { status: 503, code: "SlowDown" };

/** The upload of one file, to its end. */
async function sent(bucket, file = aFile(LARGE), page = bucket.page()) {
  const upload = page.upload(file);
  await upload.start();
  return upload;
}

const numbers = (bucket) => bucket.sent("part").map(([, what]) => Number(what.slice(5)));

test("a large file is announced, begun at once, and goes on in parts", async () => {
  const bucket = aBucket();
  const upload = await sent(bucket);
  assert.equal(upload.at, "done");
  assert.equal(upload.state.crc, "whole");
  assert.deepEqual(
    new Set(bucket.log.slice(0, 2).map(([, what]) => what)),
    new Set(["intent", "file"]),
  );
  assert.deepEqual(
    [...numbers(bucket)].sort((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8],
  );
  assert.deepEqual(numbers(bucket).slice(0, 6), [1, 2, 3, 4, 5, 6]);
  assert.equal(bucket.most, 6);
  assert.match(bucket.stored.get("1"), /film\.mp4; mark=mark\.1$/);
});

test("what is announced is what a single PUT would say", async () => {
  const bucket = aBucket();
  await sent(bucket, aFile(LARGE, "決算.mp4"));
  const [said] = bucket.announced.values();
  assert.equal(said.size, LARGE);
  assert.equal(said.slot, "1");
  assert.equal(said.type, "video/mp4");
  assert.equal(
    said.disposition,
    "attachment; filename*=UTF-8''%E6%B1%BA%E7%AE%97.mp4; mark=mark.1",
  );
});

test("a small file, and one of a link without announcements, goes by one PUT", async () => {
  const bucket = aBucket();
  await sent(bucket, aFile(16 * MIB));
  assert.deepEqual(
    bucket.log.map(([, what]) => what),
    ["file"],
  );
});

test("a single PUT that is through soon is not given up", async () => {
  const soon = (LARGE * 1000) / (QUICK - 3000);
  const bucket = aBucket({ rate: soon });
  const upload = await sent(bucket);
  assert.equal(upload.at, "done");
  assert.equal(upload.state.crc, "single");
  assert.equal(bucket.sent("part").length, 0);
});

test("a bot that answers at once takes no file from a single PUT that is quick", async () => {
  const bucket = aBucket({ answers: 0, rate: 8 * MIB });
  await sent(bucket);
  assert.deepEqual(bucket.sent("part"), []);
  assert.equal(bucket.sent("file").length, 1);
});

test("a single PUT that is half through when the answer comes is not given up", async () => {
  const bucket = aBucket({ answers: 25_000 });
  assert.equal((await sent(bucket)).state.crc, "single");
});

test("a single PUT that is plainly slow is stopped before the bot has answered", async () => {
  for (const [rate, seconds] of [
    [1.8 * MIB, 1],
    [2.6 * MIB, 3],
  ]) {
    const bucket = aBucket({ rate, answers: 3000 });
    const upload = await sent(bucket);
    assert.equal(upload.at, "done");
    const [[, , bytes], ...more] = bucket.sent("file");
    assert.deepEqual(more, []);
    assert.ok(Math.abs(bytes / rate - seconds) < 0.5, `${bytes / rate} seconds of it were sent`);
    assert.deepEqual(new Set(numbers(bucket)), new Set([1, 2, 3, 4, 5, 6, 7, 8]));
  }
});

test("a single PUT that has not begun to move, or that nobody answers for, is no slow one", async () => {
  const silent = aBucket({ rate: 100 * MIB, answers: Infinity, first: 1500 });
  assert.equal((await sent(silent, aFile(200 * MIB))).at, "done");
  assert.equal(silent.sent("file").length, 1);
  const refused = aBucket({ rate: MIB, answers: Infinity });
  refused.wrong = ({ what }) => (what === "intent" ? { status: 403 } : undefined);
  assert.equal((await sent(refused)).at, "done");
  assert.equal(refused.sent("file").length, 1);
});

test("a slow file of which the bot says nothing, or nothing of use, goes by a single PUT after all", async () => {
  for (const [how, parts] of [
    [{ answers: Infinity }, 0],
    [{ answers: 8000 }, 8],
    [{ answers: 2000, version: 2 }, 0],
  ]) {
    const bucket = aBucket({ rate: MIB / 4, ...how });
    const upload = await sent(bucket);
    assert.equal(upload.at, "done");
    assert.equal(bucket.sent("file").length, 2);
    assert.equal(numbers(bucket).length, parts);
  }
});

test("an announcement that S3 has no time for is made again", async () => {
  for (const status of [503, 409, 500]) {
    let failures = 2;
    const bucket = aBucket({
      rate: MIB / 4,
      wrong: ({ what }) => (what === "intent" && failures-- > 0 ? { status } : undefined),
    });
    const upload = await sent(bucket);
    assert.equal(upload.at, "done");
    assert.equal(upload.state.crc, "whole");
    assert.equal(bucket.sent("intent").length, 3);
    assert.equal(bucket.announced.size, 1);
  }
});

test("cancelled while it waits for the bot, a slow file is not begun again", async () => {
  const bucket = aBucket({ rate: MIB / 4, answers: Infinity });
  const upload = bucket.page().upload(aFile(LARGE));
  const ended = upload.start();
  await bucket.clock.sleep(3000);
  upload.cancel();
  await ended;
  assert.equal(upload.at, "cancelled");
  assert.equal(bucket.sent("file").length, 1);
});

test("a single PUT that breaks goes on in parts", async () => {
  const bucket = aBucket({
    rate: 10 * MIB,
    wrong: ({ what }) => (what === "file" ? { status: 0 } : undefined),
  });
  assert.equal((await sent(bucket)).state.crc, "whole");
});

test("a bot that never answers keeps no file that one PUT can carry", async () => {
  const bucket = aBucket({ answers: Infinity });
  assert.equal((await sent(bucket)).state.crc, "single");
});

test("a file that must go in parts waits for the answer, says so, and is never given up", async () => {
  const bucket = aBucket({ answers: Infinity, part: 512 * MIB, rate: GIB });
  const page = bucket.page();
  const upload = page.upload(aFile(6 * GIB));
  const running = upload.start();
  await bucket.clock.sleep(3 * 3600_000);
  assert.equal(upload.at, "waiting");
  assert.equal(upload.state.why, "unanswered");
  assert.ok(upload.state.until > bucket.clock.now);
  const announced = bucket.sent("intent").length;
  assert.ok(announced >= 4 && announced <= 6, `${announced} times`);
  bucket.answers = 0;
  await running;
  assert.equal(upload.at, "done");
  assert.equal(bucket.sent("file").length, 0);
});

test("an answer is found as soon as it is there", async () => {
  for (const answers of [1200, 1350, 1500]) {
    const bucket = aBucket({ answers });
    const running = bucket.page().upload(aFile(LARGE)).start();
    while (!bucket.sent("part").length) await bucket.clock.sleep(10);
    const late = bucket.clock.now - 1e12 - answers;
    assert.ok(late < 250, `${late} ms late`);
    await running;
  }
});

test("what is answered at once is not said to be late", async () => {
  const bucket = aBucket({ part: 512 * MIB, rate: GIB });
  await sent(bucket, aFile(6 * GIB));
  assert.ok(!bucket.states.some(({ at }) => at === "waiting"));
});

test("a part that fails is sent again, alone", async () => {
  for (const answer of [SLOW_DOWN, { status: 500, code: "InternalError" }, { status: 0 }]) {
    let left = 2;
    const bucket = aBucket({
      wrong: ({ what }) => (what === "part 3" && left-- > 0 ? answer : undefined),
    });
    assert.equal((await sent(bucket)).at, "done");
    assert.equal(numbers(bucket).filter((number) => number === 3).length, 3);
    assert.equal(numbers(bucket).length, 10);
  }
});

test("five in a hundred fail, and no more is sent than they", async () => {
  let count = 0;
  const bucket = aBucket({
    wrong: ({ what }) => (what.startsWith("part") && ++count % 20 === 0 ? SLOW_DOWN : undefined),
  });
  assert.equal((await sent(bucket, aFile(500 * MIB))).at, "done");
  assert.equal(numbers(bucket).length, 105);
});

test("a storage that stays busy is waited for, and what gets on is not given up", async () => {
  let since = 0;
  // One request in many gets through: by itself each try would be the last one day.
  const bucket = aBucket({
    wrong: ({ what }) => {
      if (!what.startsWith("part")) return undefined;
      since = (since + 1) % 25;
      return since ? SLOW_DOWN : undefined;
    },
  });
  const upload = await sent(bucket, aFile(100 * MIB));
  assert.equal(upload.at, "done");
  assert.ok(bucket.states.some(({ at, why }) => at === "waiting" && why === "busy"));
});

test("offline, it waits; back, it goes on with what is not there", async () => {
  const bucket = aBucket();
  const page = bucket.page();
  const upload = page.upload(aFile(100 * MIB));
  const running = upload.start();
  while (!(bucket.uploads.get("id/1")?.parts.size >= 7)) await bucket.clock.sleep(50);
  bucket.online = false;
  while (upload.at !== "waiting") await bucket.clock.sleep(50);
  assert.equal(upload.state.why, "offline");
  const before = bucket.uploads.get("id/1").parts.size;
  assert.equal(upload.loaded, before * bucket.part);
  bucket.online = true;
  bucket.log.length = 0;
  upload.hurry();
  await running;
  assert.equal(upload.at, "done");
  assert.equal(numbers(bucket).length, 20 - before);
});

test("a page that was killed goes on from what S3 lists, and sends nothing else", async () => {
  const bucket = aBucket();
  const killed = bucket.page();
  const first = killed.upload(aFile(100 * MIB));
  first.start();
  while (!(bucket.uploads.get("id/1")?.parts.size >= 9)) await bucket.clock.sleep(50);
  bucket.online = false;
  await bucket.clock.sleep(1000);
  bucket.online = true;
  const there = new Set(bucket.uploads.get("id/1").parts.keys());
  bucket.log.length = 0;
  const reopened = bucket.page();
  const upload = await sent(bucket, aFile(100 * MIB), reopened);
  assert.equal(upload.at, "done");
  assert.deepEqual(
    numbers(bucket).filter((number) => there.has(number)),
    [],
  );
  assert.equal(bucket.bytes(), (20 - there.size) * bucket.part);
  assert.deepEqual(reopened.journal.entries, []);
});

test("a part of another length is not taken for the part", async () => {
  const bucket = aBucket();
  const page = bucket.page();
  page.upload(aFile(LARGE)).start();
  while (!(bucket.uploads.get("id/1")?.parts.size >= 2)) await bucket.clock.sleep(50);
  bucket.online = false;
  await bucket.clock.sleep(1000);
  bucket.online = true;
  bucket.uploads.get("id/1").parts.set(2, MIB);
  bucket.log.length = 0;
  assert.equal((await sent(bucket)).at, "done");
  assert.ok(numbers(bucket).includes(2));
});

test("two hosts carry twelve parts at once; one that cannot be reached is given up", async () => {
  const both = aBucket({ hosts: 2 });
  await sent(both, aFile(200 * MIB));
  assert.equal(both.most, 12);
  const dual = ([, , , host]) => host.includes("dualstack");
  assert.equal(both.sent("part").filter(dual).length, 20);
  const one = aBucket({
    hosts: 2,
    wrong: ({ host }) => (host.includes("dualstack") ? { status: 0 } : undefined),
  });
  const upload = await sent(one, aFile(200 * MIB));
  assert.equal(upload.at, "done");
  assert.ok(!one.states.some(({ at }) => at === "waiting"));
  assert.ok(one.sent("part").filter(dual).length <= 36);
});

/** A bucket to which the sendings of a part take so many times as long as those of any other. */
function withBadOnes(number, ...times) {
  const slow = ({ what }) => (what === `part ${number}` && times.shift()) || 1;
  return aBucket({ slow });
}

test("one bad connection does not decide how long a file takes", async () => {
  const good = aBucket();
  await sent(good);
  const took = good.clock.now - 1e12;
  for (const number of [1, 8]) {
    const bucket = withBadOnes(number, 100);
    const upload = await sent(bucket);
    assert.equal(upload.at, "done");
    assert.ok(bucket.clock.now - 1e12 < took + 10_000, `${bucket.clock.now - 1e12} ms`);
    const [first, copy, ...more] = bucket
      .sent("part")
      .filter(([, what]) => what === `part ${number}`);
    assert.ok(first[2] < 2 * MIB);
    assert.equal(copy[2], 5 * MIB);
    assert.deepEqual(more, []);
    assert.equal(bucket.sent("part").length, 9);
    const shown = bucket.states.flatMap(({ at, loaded }) => (at === "sending" ? [loaded] : []));
    assert.ok(Math.max(...shown) <= LARGE);
  }
});

test("a part that is late arrives although its copy fails, or although it fails itself", async () => {
  for (const [failing, seconds, sendings] of [
    [2, 20, 10],
    [1, 15, 9],
  ]) {
    const bucket = withBadOnes(8, 4);
    bucket.breaks = ({ what, nth }, share) => what === "part 8" && nth === failing && share > 0.15;
    const upload = await sent(bucket);
    assert.equal(upload.at, "done");
    assert.ok(!bucket.states.some(({ at }) => at === "waiting"));
    assert.equal(bucket.sent("part").length, sendings);
    assert.ok(bucket.clock.now - 1e12 < 1000 * seconds, `${bucket.clock.now - 1e12} ms`);
  }
});

test("where it is the line that has become slow, a copy ends soon, and few are made", async () => {
  let times = 1;
  const bucket = aBucket({ slow: () => times });
  const upload = bucket.page().upload(aFile(LARGE));
  const running = upload.start();
  while (bucket.sent("part").length < 6) await bucket.clock.sleep(50);
  times = 20;
  await running;
  assert.equal(upload.at, "done");
  assert.ok(bucket.sent("part").length <= 14);
  const bytes = bucket.sent("part").reduce((sum, [, , out]) => sum + out, 0);
  assert.ok(bytes < LARGE + 2 * MIB, `${bytes - LARGE} bytes for nothing`);
});

test("cancelled while a part is sent twice, nothing is left under way", async () => {
  const bucket = withBadOnes(8, 100);
  const upload = bucket.page().upload(aFile(LARGE));
  const running = upload.start();
  while (bucket.sent("part").length < 9) await bucket.clock.sleep(50);
  upload.cancel();
  await running;
  await bucket.clock.sleep(20_000);
  assert.equal(bucket.sent("part").length, 9);
  assert.equal(bucket.uploads.size, 0);
});

test("many large files share six connections to a host", async () => {
  const bucket = aBucket({ slots: 3 });
  const page = bucket.page();
  const uploads = [1, 2, 3].map((n) => page.upload(aFile(LARGE, `${n}.mp4`), `mark.${n}`));
  await Promise.all(uploads.map((upload) => upload.start()));
  assert.deepEqual(
    uploads.map(({ at }) => at),
    ["done", "done", "done"],
  );
  assert.ok(bucket.most <= 9, `${bucket.most}`); // and what announces and asks, besides
});

test("a 200 that holds an error is that error", async () => {
  for (const [code, at] of [
    ["InternalError", "done"],
    ["SlowDown", "done"],
    ["AccessDenied", "failed"],
  ]) {
    let left = 1;
    const text = `<Error><Code>${code}</Code></Error>`;
    const bucket = aBucket({
      wrong: ({ method }) =>
        method === "POST" && left-- > 0 ? { status: 200, code, text } : undefined,
    });
    assert.equal((await sent(bucket)).at, at, code);
    assert.equal(bucket.stored.size, at === "done" ? 1 : 0);
  }
});

test("a completion whose answer was lost has happened all the same", async () => {
  for (const after of [{ status: 0 }, { status: 200, text: "\n\n\n" }, { status: 503 }]) {
    const bucket = aBucket({ wrong: ({ method }) => (method === "POST" ? { after } : undefined) });
    assert.equal((await sent(bucket)).at, "done");
    assert.equal(bucket.log.filter(([method]) => method === "POST").length, 1);
    assert.equal(bucket.stored.size, 1);
  }
});

test("a completion that S3 has never heard of is sent again", async () => {
  let left = 3;
  const bucket = aBucket({
    wrong: ({ method }) => (method === "POST" && left-- > 0 ? { status: 0 } : undefined),
  });
  assert.equal((await sent(bucket)).at, "done");
  assert.equal(numbers(bucket).length, 8);
});

test("another's file in the slot is no success", async () => {
  const bucket = aBucket({
    wrong: ({ method }, it) => {
      if (method === "POST") it.stored.set("1", "attachment; mark=another");
      return undefined;
    },
  });
  const upload = await sent(bucket);
  assert.equal(upload.at, "failed");
  assert.equal(upload.state.why, "full");
});

test("an upload that is gone has arrived, or is begun anew", async () => {
  let left = 1;
  const anew = aBucket({
    wrong: ({ what }, it) => {
      if (what === "part 4" && left-- > 0) it.uploads.clear();
      return undefined;
    },
  });
  assert.equal((await sent(anew)).at, "done");
  assert.equal(anew.announced.size, 2);
  const arrived = aBucket({
    wrong: ({ method }, it) => {
      // Somebody else, who has the same file under way, was faster by a moment.
      if (method !== "POST") return undefined;
      const [upload] = it.uploads.values();
      it.stored.set("1", upload.disposition);
      it.uploads.clear();
      return undefined;
    },
  });
  assert.equal((await sent(arrived)).at, "done");
});

test("a link that is closed in the middle is said to be within seconds", async () => {
  const bucket = aBucket();
  const page = bucket.page();
  const upload = page.upload(aFile(GIB));
  const running = upload.start();
  while (!(bucket.uploads.get("id/1")?.parts.size > 3)) await bucket.clock.sleep(50);
  bucket.over = "closed";
  const then = bucket.clock.now;
  await running;
  assert.equal(upload.at, "failed");
  assert.equal(upload.state.why, "closed");
  assert.ok(bucket.clock.now - then < 12_000, `${bucket.clock.now - then} ms`);
});

test("a signature that dies in the middle is replaced, and no part is sent twice for it", async () => {
  const bucket = aBucket({
    wrong: ({ query }, it) =>
      query.get("X-Amz-Date")?.endsWith(`${String(it.signing).padStart(2, "0")}Z`)
        ? undefined
        : { status: 403, code: "AccessDenied", message: "Request has expired" },
  });
  const page = bucket.page();
  const upload = page.upload(aFile(100 * MIB));
  const running = upload.start();
  while (!(bucket.uploads.get("id/1")?.parts.size > 3)) await bucket.clock.sleep(50);
  bucket.signing = 2;
  await running;
  assert.equal(upload.at, "done");
  assert.ok(!bucket.states.some(({ at }) => at === "waiting"));
  assert.equal(bucket.log.filter(([, what, bytes]) => what.startsWith("part") && bytes).length, 26);
});

test("what the bot says has become of it is what becomes of it", async () => {
  for (const [state, why] of [
    ["refused", "tooLarge"],
    ["taken", "full"],
    ["arrived", ""],
  ]) {
    const bucket = aBucket();
    const page = bucket.page();
    const upload = page.upload(aFile(LARGE));
    const running = upload.start();
    while (!bucket.announced.size) await bucket.clock.sleep(20);
    for (const said of bucket.announced.values()) said.state = state;
    if (state === "taken") bucket.stored.set("1", "attachment; mark=another");
    await running;
    assert.equal(upload.state.why ?? "", why, state);
    assert.deepEqual(page.journal.entries, []);
  }
});

test("cancelling throws away what was sent, and leaves nothing behind", async () => {
  for (const enough of [0, 3]) {
    const bucket = aBucket();
    const page = bucket.page();
    const upload = page.upload(aFile(LARGE));
    const running = upload.start();
    const there = () => bucket.uploads.get("id/1")?.parts.size ?? -1;
    while (enough ? there() < enough : !bucket.announced.size) await bucket.clock.sleep(50);
    upload.cancel();
    await running;
    await bucket.clock.sleep(5000);
    assert.equal(upload.at, "cancelled");
    assert.equal(bucket.uploads.size, 0);
    assert.deepEqual(page.journal.entries, []);
    upload.queue();
    await upload.start();
    assert.equal(upload.at, "done");
  }
});

/** A page that dies when S3 has some parts of a file, and the file given to another one. */
async function reopened(bucket) {
  bucket
    .page()
    .upload(aFile(100 * MIB))
    .start();
  while (!(bucket.uploads.get("id/1")?.parts.size >= 9)) await bucket.clock.sleep(50);
  bucket.online = false;
  await bucket.clock.sleep(20_000);
  bucket.online = true;
  bucket.log.length = 0;
  return bucket.page().upload(aFile(100 * MIB));
}

test("a list that S3 does not give at once is asked for again, and nothing is sent for it", async () => {
  const bucket = aBucket();
  const upload = await reopened(bucket);
  const { size } = bucket.uploads.get("id/1").parts;
  let left = 1;
  bucket.wrong = ({ method }) => (method === "GET" && left-- > 0 ? SLOW_DOWN : undefined);
  await upload.start();
  assert.equal(upload.at, "done");
  assert.equal(numbers(bucket).length, 20 - size);
});

test("cancelling while S3 is asked what is there sends nothing more", async () => {
  const bucket = aBucket();
  const upload = await reopened(bucket);
  bucket.wrong = ({ method }) => {
    if (method === "GET") upload.cancel();
  };
  await upload.start();
  assert.equal(upload.at, "cancelled");
  assert.deepEqual(numbers(bucket), []);
  assert.equal(bucket.uploads.size, 0);
});

test("nothing that could send a file is remembered", async () => {
  const bucket = aBucket();
  const page = bucket.page();
  page.upload(aFile(LARGE)).start();
  while (!page.journal.entries.length) await bucket.clock.sleep(50);
  const [{ sample, reply, ...entry }] = page.journal.entries;
  assert.ok(sample);
  assert.match(reply, /^[\w-]{22}$/);
  assert.deepEqual(entry, {
    slot: "1",
    mark: "mark.1",
    name: "film.mp4",
    size: LARGE,
    modified: 7,
  });
});

test("another file under the same name is another file, and is said to be", async () => {
  for (const [more, another] of [
    [{}, false],
    [{ lastModified: 8 }, true],
    [{ name: "other.mp4" }, false],
  ]) {
    const bucket = aBucket({ slots: 2 });
    bucket.page().upload(aFile(LARGE)).start();
    while (!(bucket.uploads.get("id/1")?.parts.size >= 2)) await bucket.clock.sleep(50);
    bucket.online = false;
    await bucket.clock.sleep(20_000);
    bucket.online = true;
    const upload = bucket.page().upload(aFile(LARGE, "film.mp4", more), "mark.2");
    await upload.start();
    assert.equal(upload.at, "done");
    assert.equal(bucket.another, another);
    assert.equal(bucket.announced.size, Object.keys(more).length ? 2 : 1);
  }
});

test("whoever comes back learns what has become of it, before the bot knows", async () => {
  const bucket = aBucket({ wrong: ({ what }) => (what === "upload" ? { status: 0 } : undefined) });
  const page = bucket.page();
  const upload = page.upload(aFile(LARGE));
  const sending = upload.start();
  while (bucket.sent("part").length < 8) await bucket.clock.sleep(1000);
  const [entry] = page.journal.entries;
  assert.equal((await inspect(page.around, entry)).state, "open");
  bucket.wrong = () => undefined;
  await sending;
  page.journal.add(entry); // as a tab that died before it heard of it
  assert.equal((await inspect(page.around, entry)).state, "arrived");
  assert.deepEqual(page.journal.entries, []);
});
