import assert from "node:assert/strict";
import { test } from "node:test";
import { keep, readReceipt, recall, withFile } from "../../page/receipt.js";

function storage() {
  const kept = new Map();
  return {
    kept,
    setItem: (key, value) => kept.set(key, value),
    getItem: (key) => kept.get(key) ?? null,
  };
}

const PATH = "/uploads/2026/11/24/link/1";
const PLAN = { title: "Q3", requester: "Ann", reference: "0F0F0F0F", slots: [{ put: "secret" }] };
const FILE = { mark: "m.1", name: "報告書.pdf", size: 0, at: 1_795_518_000_000 };
const OTHER = { mark: "m.2", name: "b.pdf", size: 5, at: 1_795_518_000_000 };

test("a receipt is found again under its own name, and only there", () => {
  const store = storage();
  const receipt = withFile(null, PLAN, FILE);
  keep(() => store, PATH, receipt);
  assert.deepEqual(readReceipt(recall(() => store, PATH)), receipt);
  assert.equal(
    recall(() => store, "/uploads/other"),
    null,
  );
});

test("a receipt grows by files, learns more of them, and holds nothing that can send", () => {
  const one = withFile(null, PLAN, FILE);
  const two = withFile(one, PLAN, OTHER);
  const more = withFile(two, PLAN, { ...OTHER, sha: "00" });
  assert.deepEqual(more, {
    title: "Q3",
    requester: "Ann",
    reference: "0F0F0F0F",
    files: [FILE, { ...OTHER, sha: "00" }],
  });
});

test("what cannot be a receipt is none", () => {
  for (const value of [
    "",
    "{",
    "null",
    "[]",
    '{"name":"a"}',
    '{"files":[]}',
    '{"files":{}}',
    '{"files":[null]}',
    '{"files":[{"name":"a","size":-1,"at":1}]}',
    '{"files":[{"name":1,"size":1,"at":1}]}',
  ]) {
    const store = storage();
    store.setItem(PATH, value);
    assert.equal(readReceipt(recall(() => store, PATH)), null, value);
  }
});

test("a browser that allows no storage only forgets", () => {
  const forbidden = () => {
    throw new DOMException("denied", "SecurityError");
  };
  keep(forbidden, PATH, FILE);
  assert.equal(recall(forbidden, PATH), null);
});
