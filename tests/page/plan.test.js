import assert from "node:assert/strict";
import { test } from "node:test";
import { readPlan } from "../../page/plan.js";
import { LARGEST } from "../../page/policy.js";

const PREFIX = "https://files.s3.eu-central-1.amazonaws.com/uploads/";
const BASE = `${PREFIX}2026/11/24/${"0f".repeat(16)}/`;
const QUERY =
  "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20261124%2Feu-central-1%2Fs3%2Faws4_request" +
  "&X-Amz-Date=20261124T100000Z&X-Amz-Expires=3600&X-Amz-Security-Token=a%2Bb%2Fc%3D";
const ONCE = "&X-Amz-SignedHeaders=host%3Bif-none-match&X-Amz-Signature=";
const [A, B, C] = ["a", "b", "c"].map((digit) => digit.repeat(64));
const OPEN = {
  v: 1,
  state: "open",
  for: "Q3 report",
  note: "Please sign\nand send",
  from: "Ann",
  until: 1_796_099_743,
  limit: 1000,
  files: 20,
  sender: "ask",
  base: BASE,
  query: QUERY,
  slots: { 1: [A, B], 12: [B, A] },
  covers: { 2: C },
  intents: { 7: A },
  going: [12],
};

const read = (changes) => readPlan(JSON.stringify({ ...OPEN, ...changes }), PREFIX);

test("a plan becomes what an embedded link becomes, for each of its free places", () => {
  assert.deepEqual(read(), {
    title: "Q3 report",
    note: "Please sign\nand send",
    requester: "Ann",
    ends: 1_796_099_743_000,
    signed: Date.UTC(2026, 10, 24, 11),
    limit: 1000,
    sender: "ask",
    slots: [
      {
        n: "1",
        put: `${BASE}1?${QUERY}${ONCE}${A}`,
        head: `${BASE}1?${QUERY}&X-Amz-SignedHeaders=host&X-Amz-Signature=${B}`,
        once: true,
      },
      {
        n: "12",
        put: `${BASE}12?${QUERY}${ONCE}${B}`,
        head: `${BASE}12?${QUERY}&X-Amz-SignedHeaders=host&X-Amz-Signature=${A}`,
        once: true,
      },
    ],
    covers: [`${BASE}cover/2?${QUERY}${ONCE}${C}`],
    intents: [["7", `${BASE}intent/7?${QUERY}${ONCE}${A}`]],
    going: ["12"],
    path: `/uploads/2026/11/24/${"0f".repeat(16)}/1`,
    reference: "0F0F0F0F",
  });
});

test("what a plan leaves out is filled with what is safe", () => {
  const plan = read({ for: 1, note: null, from: [], until: "soon", limit: -1, sender: "evil" });
  assert.deepEqual(
    [plan.title, plan.note, plan.requester, plan.ends, plan.sender],
    ["", "", "", Infinity, "hide"],
  );
  assert.equal(read({ limit: undefined }).limit, LARGEST);
  assert.equal(read({ limit: 1e15, intents: undefined }).limit, LARGEST);
  assert.equal(read({ limit: 1e13 }).limit, 1e13);
  assert.deepEqual(read({ covers: undefined }).covers, []);
  assert.deepEqual(read({ intents: undefined }).intents, []);
});

test("the end of a link is told with what is still known of it", () => {
  for (const state of ["closed", "full", "expired"]) {
    const text = JSON.stringify({ v: 1, state, for: "Q3 report", from: "Ann" });
    assert.deepEqual(readPlan(text, PREFIX), { why: state, title: "Q3 report", requester: "Ann" });
  }
  assert.equal(read({ slots: {} }).why, "full");
  assert.equal(read({ v: 2 }).why, "newer");
  assert.equal(readPlan("", PREFIX).why, "missing");
  assert.equal(readPlan(undefined, PREFIX).why, "lost");
});

test("whatever is odd is called damaged, and nothing is guessed", () => {
  for (const changes of [
    { v: 0 },
    { v: "1" },
    { state: "other" },
    { state: undefined },
    { base: undefined },
    { base: "uploads/" },
    { base: BASE.slice(0, -1) },
    { base: `${BASE}?x=/` },
    { base: `${BASE}#/` },
    { query: undefined },
    { query: `${QUERY}#` },
    { query: QUERY.replace("AWS4-HMAC-SHA256", "none") },
    { query: QUERY.replace("3600", "soon") },
    { query: QUERY.replace("X-Amz-Date", "Date") },
    { slots: { 1: [A] } },
    { slots: { 1: [A, "b"] } },
    { slots: { 1: A } },
    { slots: { 1: [`${A}&x=1`, B] } },
    { covers: { 1: "c" } },
  ]) {
    assert.equal(read(changes).why, "damaged", JSON.stringify(changes));
  }
  for (const text of ["<!doctype html>", "null", "[]", "1", '"open"']) {
    assert.equal(readPlan(text, PREFIX).why, "damaged", text);
  }
});

test("a plan leads to our own place or nowhere", () => {
  for (const base of [
    "https://evil.example/uploads/",
    `${PREFIX}../page/`,
    PREFIX.replace("https:", "http:"),
    PREFIX.replace("amazonaws.com", "amazonaws.com.evil.example"),
  ]) {
    assert.equal(read({ base }).why, "foreign", base);
  }
  assert.equal(readPlan(JSON.stringify(OPEN), "").why, "foreign");
});
