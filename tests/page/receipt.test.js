import assert from "node:assert/strict";
import { test } from "node:test";
import { keep, recall } from "../../page/receipt.js";

function storage() {
  const kept = new Map();
  return {
    kept,
    setItem: (key, value) => kept.set(key, value),
    getItem: (key) => kept.get(key) ?? null,
  };
}

const PATH = "/uploads/2026/11/24/link/1";
const RECEIPT = { name: "報告書.pdf", size: 0, at: 1_795_518_000_000 };

test("a receipt is found again under its own path, and only there", () => {
  const store = storage();
  keep(() => store, PATH, RECEIPT);
  assert.deepEqual(
    recall(() => store, PATH),
    RECEIPT,
  );
  assert.equal(
    recall(() => store, "/uploads/other"),
    null,
  );
});

test("what cannot be a receipt is none", () => {
  for (const value of ["", "{", "null", "[]", '{"name":"a"}', '{"size":-1,"at":1}']) {
    const store = storage();
    store.setItem(PATH, value);
    assert.equal(
      recall(() => store, PATH),
      null,
      value,
    );
  }
});

test("a browser that allows no storage only forgets", () => {
  const forbidden = () => {
    throw new DOMException("denied", "SecurityError");
  };
  keep(forbidden, PATH, RECEIPT);
  assert.equal(recall(forbidden, PATH), null);
});
