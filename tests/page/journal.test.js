import assert from "node:assert/strict";
import { test } from "node:test";
import { Journal, sampleOf } from "../../page/journal.js";
import { storage } from "./bucket.js";

const ENTRY = {
  reply: "r1",
  slot: "2",
  mark: "m.1",
  name: "film.mp4",
  size: 5,
  modified: 7,
  sample: "00",
};

test("what is under way is found again by its mark, and forgotten when told to", () => {
  const store = storage();
  const journal = new Journal(
    () => store,
    () => "here",
  );
  journal.add(ENTRY);
  journal.add({ ...ENTRY, mark: "m.2" });
  journal.add({ ...ENTRY, reply: "r3" });
  assert.deepEqual(journal.find("m.1"), { ...ENTRY, reply: "r3" });
  assert.deepEqual(
    new Journal(
      () => store,
      () => "there",
    ).entries,
    [],
  );
  journal.drop("m.1");
  assert.deepEqual(
    journal.entries.map(({ mark }) => mark),
    ["m.2"],
  );
});

test("what cannot be an entry is none", () => {
  const store = storage();
  const journal = new Journal(
    () => store,
    () => "here",
  );
  for (const value of ["", "{", "null", "{}", "[null]", '[{"mark":"m.1"}]']) {
    store.setItem("here", value);
    assert.deepEqual(journal.entries, [], value);
  }
});

test("a file is told from another by where it begins, its middle and its end", async () => {
  const at = (place) => {
    const bytes = new Uint8Array(1_000_000);
    bytes[place] = 1;
    return sampleOf(new Blob([bytes]));
  };
  const samples = await Promise.all([0, 0, 500_001, 999_999].map(at));
  assert.equal(new Set(samples).size, 3);
  assert.match(samples[0], /^[A-Za-z0-9+/]{43}=$/);
  const locked = { size: 1, slice: () => "" };
  assert.match(await sampleOf(locked), /^[A-Za-z0-9+/]{43}=$/);
});
