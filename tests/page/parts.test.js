import assert from "node:assert/strict";
import { test } from "node:test";
import { completion, listed, readParts } from "../../page/parts.js";

const PREFIX = "https://files.s3.eu-central-1.amazonaws.com/uploads/";
const BASE = `${PREFIX}2026/11/24/${"0f".repeat(16)}/`;
const DUAL = BASE.replace(".s3.", ".s3.dualstack.");
const DUAL_PREFIX = PREFIX.replace(".s3.", ".s3.dualstack.");
const QUERY =
  "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20261124%2Feu-central-1%2Fs3%2Faws4_request" +
  "&X-Amz-Date=20261124T100000Z&X-Amz-Expires=3600";
const [A, B, C, D] = ["a", "b", "c", "d"].map((digit) => digit.repeat(64));
const signatures = (...bytes) =>
  Buffer.concat(bytes.map((byte) => Buffer.alloc(32, byte))).toString("base64");
const OPEN = {
  v: 1,
  state: "open",
  slot: 3,
  size: 12,
  part: 5,
  upload: "a/b+c=",
  bases: [BASE, DUAL],
  query: QUERY,
  parts: [signatures(1, 2, 3), signatures(4, 5, 6)],
  list: [A],
  complete: B,
  abort: C,
  head: D,
};
const ID = "&uploadId=a%2Fb%2Bc%3D";

const read = (changes) =>
  readParts(JSON.stringify({ ...OPEN, ...changes }), `${PREFIX} ${DUAL_PREFIX}`);

test("an answer becomes the URLs of one multipart upload", () => {
  const open = read();
  const signed = (headers, more, signature) =>
    `3?${QUERY}&X-Amz-SignedHeaders=${headers}${more}&X-Amz-Signature=${signature}`;
  const part = (n, byte) =>
    signed("content-length%3Bhost", `&partNumber=${n}${ID}`, byte.repeat(32));
  assert.equal(open.put(1, 0), BASE + part(1, "01"));
  assert.equal(open.put(3, 1), DUAL + part(3, "06"));
  assert.deepEqual(open.list, [
    BASE + signed("host", `&max-parts=1000&part-number-marker=0${ID}`, A),
  ]);
  assert.equal(open.complete, BASE + signed("host%3Bif-none-match", ID, B));
  assert.equal(open.abort, BASE + signed("host", ID, C));
  assert.equal(open.head, BASE + signed("host", "", D));
  assert.deepEqual([open.count, open.hosts, open.slot], [3, 2, "3"]);
});

test("whatever else has become of it is a word, and nothing yet is none", () => {
  for (const state of ["arrived", "taken", "closed", "refused", "cancelled"]) {
    assert.deepEqual(readParts(JSON.stringify({ v: 1, state }), PREFIX), { state });
  }
  for (const text of ["", "<!doctype html>", "null"]) {
    assert.deepEqual(readParts(text, PREFIX), { state: "" }, text);
  }
});

test("what is odd, newer or leads elsewhere is damaged", () => {
  for (const changes of [
    { v: 2 },
    { slot: "../4" },
    { size: 16 },
    { size: "a" },
    { part: 0 },
    { part: 6 },
    { upload: undefined },
    { bases: [] },
    { bases: null },
    { bases: [BASE] },
    { bases: [BASE, BASE.replace("files.", "evil.")] },
    { bases: [BASE, `${PREFIX}../page/`] },
    { bases: [BASE, DUAL.replace("dualstack", "evil")] },
    { query: `${QUERY}#` },
    { parts: [OPEN.parts[0], signatures(4, 5)] },
    { parts: [OPEN.parts[0], "%"] },
    { list: [] },
    { list: undefined },
    { complete: "b" },
    { abort: undefined },
    { head: "d" },
  ]) {
    assert.deepEqual(read(changes), { state: "damaged" }, JSON.stringify(changes));
  }
});

test("a thousand parts are listed at a time", () => {
  const parts = [signatures(...Array(1001).fill(7))];
  const open = read({ size: 1001, part: 1, bases: [BASE], parts, list: [A, B] });
  assert.match(open.list[1], /part-number-marker=1000&.*Signature=b+$/);
});

test("S3's list is read, and what completes an upload is in its order", () => {
  const part = (n, etag) =>
    `<Part>\n<PartNumber>${n}</PartNumber><ETag>${etag}</ETag><Size>5</Size></Part>`;
  const xml = `<ListPartsResult><IsTruncated>true</IsTruncated>${part(2, "&quot;e2&quot;")}${part(11, '"e11"')}</ListPartsResult>`;
  assert.deepEqual(listed(xml), [
    [2, { etag: '"e2"', size: 5 }],
    [11, { etag: '"e11"', size: 5 }],
  ]);
  assert.deepEqual(listed("<Error/>"), []);
  assert.equal(
    completion(
      new Map([
        [11, { etag: '"e11"' }],
        [2, { etag: '"e2"' }],
      ]),
    ),
    '<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
      '<Part><PartNumber>2</PartNumber><ETag>"e2"</ETag></Part>' +
      '<Part><PartNumber>11</PartNumber><ETag>"e11"</ETag></Part>' +
      "</CompleteMultipartUpload>",
  );
});
