import assert from "node:assert/strict";
import { test } from "node:test";
import { AT_ONCE } from "../../page/policy.js";
import { Sitting } from "../../page/sitting.js";
import { Slots } from "../../page/slots.js";

const NOBODY = { name: "", note: "" };
const COVER = "cover";

const aFile = (name, size = 10) => ({ name, type: "", size, lastModified: 7 });

/** A sitting whose files wait in `going` until they are told how they end. */
function aSitting({ places = 5, limit = 100, covers = [], answer = 200 } = {}) {
  const going = [];
  const notes = [];
  const world = {
    send: (file, url, headers, signal) => {
      if (url.startsWith(COVER)) {
        notes.push({ url, file, headers });
        return Promise.resolve({ status: [].concat(answer)[notes.length - 1] ?? 200, message: "" });
      }
      const { promise, resolve } = Promise.withResolvers();
      signal.addEventListener("abort", () => resolve({ status: 0 }));
      going.push({
        name: file.name,
        mark: headers["Content-Disposition"].split("mark=")[1],
        end: async (status) => {
          resolve({ status, message: "", code: "" });
          await settled();
        },
      });
      return promise;
    },
    probe: async () => "",
    ourTime: async () => 0,
    readable: async () => true,
    online: () => true,
    now: () => 0,
    random: () => 0,
    sleep: async () => {},
  };
  const slots = Array.from({ length: places }, (_, i) => ({ n: `${i + 1}`, put: "put", head: "" }));
  const plan = { ends: 1e9, signed: 1e9, limit, slots, covers };
  const sitting = new Sitting(new Slots(plan, null, world), world, () => {});
  return { sitting, going, notes, names: () => going.map(({ name }) => name) };
}

/** Everything that waits for nothing but its turn has happened. */
const settled = () => new Promise((done) => setTimeout(done, 0));

test("a few files go at once, the others in their order, each to its own place", async () => {
  const { sitting, going, names } = aSitting();
  assert.equal(
    sitting.add(
      ["a", "b", "c", "d", "e"].map((name) => aFile(name)),
      NOBODY,
    ),
    "",
  );
  await settled();
  assert.deepEqual(names(), ["a", "b", "c"]);
  assert.equal(AT_ONCE, 3);
  await going[1].end(200);
  await going[0].end(501);
  assert.deepEqual(names(), ["a", "b", "c", "d", "e"]);
  assert.equal(new Set(going.map(({ mark }) => mark)).size, 5);
  assert.deepEqual(
    sitting.uploads.map(({ at }) => at),
    ["failed", "done", "sending", "sending", "sending"],
  );
  assert.deepEqual(sitting.total, { files: 5, done: 1, size: 50, loaded: 10, speed: 0 });
});

test("the room shrinks with every file that is given, and grows with one that is taken back", () => {
  const { sitting } = aSitting({ places: 5 });
  assert.equal(sitting.room, 5);
  sitting.add(
    ["a", "b", "c", "d"].map((name) => aFile(name)),
    NOBODY,
  );
  assert.equal(sitting.add([aFile("e"), aFile("f")], NOBODY), "tooMany");
  assert.equal(sitting.uploads.length, 4);
  sitting.cancel([sitting.uploads[3]]);
  sitting.cancel([sitting.uploads[0]]);
  assert.equal(sitting.add([aFile("e"), aFile("f"), aFile("g", 101)], NOBODY), "tooLarge");
  assert.equal(sitting.add([aFile("e"), aFile("f")], NOBODY), "");
});

test("what a sitting is done with makes way for what comes next", async () => {
  const { sitting, going } = aSitting();
  sitting.add([aFile("a")], NOBODY);
  await settled();
  await going[0].end(200);
  sitting.add([aFile("b")], NOBODY);
  assert.deepEqual(
    sitting.uploads.map(({ file }) => file.name),
    ["b"],
  );
  await settled();
  await going[1].end(501);
  sitting.add([aFile("c"), aFile("d")], NOBODY);
  assert.deepEqual(
    sitting.uploads.map(({ file }) => file.name),
    ["c", "d"],
  );
  await settled();
  await going[2].end(501);
  await going[3].end(200);
  assert.ok(!sitting.busy);
  sitting.add([aFile("e")], NOBODY);
  assert.deepEqual(
    sitting.uploads.map(({ file }) => file.name),
    ["c", "e"],
  );
});

test("a failed file that is chosen again is the same upload, by name, size and date", async () => {
  const { sitting, going } = aSitting({ places: 1 });
  sitting.add([aFile("a")], NOBODY);
  await settled();
  await going[0].end(501);
  sitting.add([aFile("a")], NOBODY);
  await settled();
  assert.equal(going[1].mark, going[0].mark);
  await going[1].end(501);
  sitting.add([aFile("a", 11)], NOBODY);
  await settled();
  assert.notEqual(going[2].mark, going[0].mark);
});

test("who sends what is told once, by the first note that is free", async () => {
  const { sitting, notes } = aSitting({
    covers: ["cover1", "cover2", "cover3"],
    answer: [412, 503, 200],
  });
  sitting.add([aFile("a"), aFile("b", 5)], { name: "Mei", note: "Page 3" });
  await settled();
  sitting.add([aFile("c")], { name: "Mei", note: "again" });
  await settled();
  assert.deepEqual(
    notes.map(({ url }) => url),
    ["cover1", "cover2", "cover2"],
  );
  assert.deepEqual(notes[0].headers, { "Content-Type": "application/json", "If-None-Match": "*" });
  assert.deepEqual(JSON.parse(await notes[2].file.text()), {
    v: 1,
    mark: sitting.mark,
    name: "Mei",
    note: "Page 3",
    files: 2,
    bytes: 15,
  });
});
