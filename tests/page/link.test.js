import assert from "node:assert/strict";
import { test } from "node:test";
import { readLink } from "../../page/link.js";
import { LARGEST } from "../../page/policy.js";

const PREFIX = "https://files.s3.eu-central-1.amazonaws.com/uploads/";
const KEY = `${PREFIX}2026/11/24/${"2a".repeat(16)}/1`;
const CHECK = "c".repeat(64);

/** A URL as boto3 presigns it, with some parameters changed (null: left out). */
function signed(changes = {}, key = KEY) {
  const parameters = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": "AKIAEXAMPLE/20261124/eu-central-1/s3/aws4_request",
    "X-Amz-Date": "20261124T100000Z",
    "X-Amz-Expires": "3600",
    "X-Amz-SignedHeaders": "host;if-none-match",
    "X-Amz-Security-Token": "a+b/c=",
    "X-Amz-Signature": "f".repeat(64),
    ...changes,
  };
  const pairs = Object.entries(parameters).filter(([, value]) => value !== null);
  return `${key}?${pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")}`;
}

const base64 = (text) => Buffer.from(text).toString("base64");
const base64url = (text) => base64(text).replaceAll("+", "-").replaceAll("/", "_");
const fragment = (said) => base64url(JSON.stringify(said)).replaceAll("=", "");
const address = (url, hash = "") => `https://page.example/?s3_url=${base64url(url)}${hash}`;
const read = (url, said) => readLink(address(url, said && `#${fragment(said)}`), PREFIX);

test("a whole link becomes a plan", () => {
  const said = { for: "Q3 report", from: "Ann", until: 1_795_518_000, check: CHECK };
  assert.deepEqual(read(signed(), said), {
    title: "Q3 report",
    note: "",
    requester: "Ann",
    ends: Date.UTC(2026, 10, 24, 11),
    signed: Date.UTC(2026, 10, 24, 11),
    limit: LARGEST,
    sender: "hide",
    slots: [
      {
        n: "1",
        put: signed(),
        head: signed({ "X-Amz-SignedHeaders": "host", "X-Amz-Signature": CHECK }),
        once: true,
      },
    ],
    covers: [],
    intents: [],
    path: new URL(KEY).pathname,
    reference: "2A2A2A2A",
  });
});

test("a bare link of the original recipe works, and sends no condition that was not signed", () => {
  const plan = read(signed({ "X-Amz-SignedHeaders": "host" }));
  assert.equal(plan.slots[0].once, false);
  assert.equal(plan.slots[0].head, "");
  assert.equal(plan.title + plan.requester, "");
});

test("the link ends with its signature or at the time it names, whichever is first", () => {
  const end = Date.UTC(2026, 10, 24, 11);
  for (const [until, ends] of [
    [end / 1000 - 60, end - 60_000],
    [end / 1000 + 60, end],
    [undefined, end],
    ["soon", end],
    [0, end],
  ]) {
    assert.equal(read(signed(), { until }).ends, ends, String(until));
  }
});

test("a short link is the id of a plan, with what a sentence may leave behind it", () => {
  const id = `${"Ab-_".repeat(5)}xy`;
  for (const end of ["", ".", ")", "?!", "%22", "。」"]) {
    assert.deepEqual(readLink(`https://page.example/#${id}${end}`, PREFIX), { short: id }, end);
  }
});

test("an address that is no link of ours is refused by its own name", () => {
  for (const [problem, url] of [
    ["noLink", "https://page.example/"],
    ["noLink", "https://page.example/?other=1"],
    ["noLink", "https://page.example/#"],
    ["damaged", "https://page.example/#abc"],
    ["damaged", `https://page.example/#${"a".repeat(23)}`],
    ["damaged", `https://page.example/#../${"a".repeat(22)}`],
    ["damaged", "https://page.example/?s3_url="],
    ["damaged", "https://page.example/?s3_url=%2A%2A%2A"],
    ["damaged", address("not a url")],
    ["damaged", address(signed()).slice(0, -40)],
    ["damaged", address(KEY)],
    ["damaged", address(`${KEY}?AWSAccessKeyId=A&Signature=B&Expires=1`)],
    ...["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires"].map((name) => [
      "damaged",
      address(signed({ [name]: null })),
    ]),
    ["damaged", address(signed({ "X-Amz-SignedHeaders": "host;x-amz-acl" }))],
    ["damaged", address(signed({ "X-Amz-SignedHeaders": "content-type;host" }))],
    ["damaged", address(signed({ "X-Amz-Signature": "f00" }))],
    ["damaged", address(signed({ "X-Amz-Date": "yesterday" }))],
  ]) {
    assert.deepEqual(readLink(url, PREFIX), { why: problem }, url);
  }
});

test("a link to any place but ours is refused, however it is dressed", () => {
  for (const key of [
    "https://files.s3.eu-central-1.amazonaws.com.evil.example/uploads/1",
    "https://evil.example/uploads/1",
    "http://files.s3.eu-central-1.amazonaws.com/uploads/1",
    "https://files.s3.eu-central-1.amazonaws.com:8443/uploads/1",
    "https://files.s3.eu-central-1.amazonaws.com@evil.example/uploads/1",
    "https://user@files.s3.eu-central-1.amazonaws.com/uploads/1",
    "https://files.s3.eu-central-1.amazonaws.com/page/index.html",
    "https://files.s3.eu-central-1.amazonaws.com/uploads/../page/index.html",
    "https://files.s3.eu-central-1.amazonaws.com/uploads/%2e%2e/page/index.html",
    "https://files.s3.eu-central-1.amazonaws.com/Uploads/1",
    "javascript:alert(1)//https://files.s3.eu-central-1.amazonaws.com/uploads/1",
  ]) {
    assert.equal(readLink(address(signed({}, key)), PREFIX).why, "foreign", key);
  }
});

test("a page that was published without a prefix sends nothing anywhere", () => {
  assert.equal(readLink(address(signed()), "").why, "foreign");
});

test("a path-style bucket is told from its neighbours", () => {
  const prefix = "http://127.0.0.1:8333/files/uploads/";
  const at = (path) => readLink(address(signed({}, `http://127.0.0.1:8333${path}`)), prefix);
  assert.equal(at("/files/uploads/1").path, "/files/uploads/1");
  assert.equal(at("/other/uploads/1").why, "foreign");
});

test("a fragment that was cut or forged leaves a plan that merely says less", () => {
  for (const hash of ["", "#", "#*", "#bnVsbA", "#MQ", `#${fragment("text")}`, "#eyJmb3IiOiJRMy"]) {
    const plan = readLink(address(signed(), hash), PREFIX);
    assert.equal(plan.title, "", hash);
    assert.equal(plan.slots[0].put, signed());
  }
  const forged = read(signed(), { for: ["a"], from: { b: 1 }, check: "&evil=1", until: "x" });
  assert.deepEqual([forged.title, forged.requester, forged.slots[0].head], ["", "", ""]);
});
