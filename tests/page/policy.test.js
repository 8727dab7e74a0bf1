import assert from "node:assert/strict";
import { test } from "node:test";
import { backOff, coverNote, headers, judge, meter, newMark, refusal } from "../../page/policy.js";

const answer = (status, code = "", message = "") => ({
  status,
  code,
  message,
  moved: 0,
  sent: false,
});

test("each answer of S3 has its own meaning", () => {
  for (const [meaning, ...said] of [
    ["stored", 200],
    ["stored", 204],
    ["lost", 0],
    ["moved", 301, "PermanentRedirect"],
    ["moved", 307, "TemporaryRedirect"],
    ["expired", 400, "ExpiredToken", "The provided token has expired."],
    ["expired", 400, "InvalidToken"],
    ["expired", 403, "InvalidAccessKeyId"],
    ["busy", 400, "RequestTimeout"],
    ["tooLarge", 400, "EntityTooLarge"],
    ["damaged", 400, "AuthorizationQueryParametersError"],
    ["unknown", 400, "Other"],
    ["expired", 403, "AccessDenied", "Request has expired"],
    ["refused", 403, "AccessDenied", "Access Denied"],
    ["damaged", 403, "SignatureDoesNotMatch"],
    ["blocked", 407],
    ["busy", 408],
    ["busy", 409, "ConditionalRequestConflict"],
    ["taken", 412, "PreconditionFailed"],
    ["tooLarge", 413],
    ["busy", 429],
    ["busy", 500, "InternalError"],
    ["unknown", 501, "NotImplemented"],
    ["busy", 502],
    ["busy", 503, "SlowDown"],
    ["busy", 504],
    ["unknown", 418],
  ]) {
    assert.equal(judge(answer(...said)), meaning, said.join(" "));
  }
});

test("waits double up to a minute, and no two pages need wait the same", () => {
  assert.deepEqual(
    [1, 2, 3, 6, 7, 40].map((tries) => backOff(tries, 0)),
    [500, 1000, 2000, 16_000, 30_000, 30_000],
  );
  assert.equal(backOff(7, 1), 60_000);
  assert.equal(backOff(1, 0.5), 750);
});

test("speed is told from what was measured, and not before there is enough of it", () => {
  const measure = meter();
  assert.equal(measure(0, 0), 0);
  assert.equal(measure(100, 9000), 0);
  assert.equal(measure(1000, 9000), 9000);
  assert.equal(measure(5900, 18_800), 2000);
  assert.equal(measure(7000, 0), 0, "a new beginning is no speed");
});

test("files are taken together or not at all", () => {
  const sized = (...sizes) => sizes.map((size) => ({ size }));
  assert.equal(refusal(sized(0, 10), 2, 10), "");
  assert.equal(refusal(sized(1, 1, 1), 2, 10), "tooMany");
  assert.equal(refusal(sized(1, 11), 2, 10), "tooLarge");
  assert.equal(refusal([], 2, 10), "empty");
});

test("a mark is 12 letters and digits, whatever chance says", () => {
  for (const random of [() => 0, () => 0.5, () => 0.999999, Math.random]) {
    assert.match(newMark(random), /^[a-z0-9]{12}$/);
  }
});

test("the longest cover note fits into 4 KB", () => {
  const sender = { name: "日".repeat(80), note: "\n".repeat(250) + "日".repeat(250) };
  const text = coverNote("m".repeat(12), sender, Array(999).fill({ size: 5e9 }));
  assert.ok(Buffer.byteLength(text) < 4096);
  assert.deepEqual(
    JSON.parse(coverNote("m", { name: "Mei", note: "" }, [{ size: 1 }, { size: 2 }])),
    {
      v: 1,
      mark: "m",
      name: "Mei",
      note: "",
      files: 2,
      bytes: 3,
    },
  );
});

test("the type is the file's own, or plain bytes", () => {
  const type = (type) => headers({ once: true }, { name: "a", type }, "m")["Content-Type"];
  assert.equal(type("image/png"), "image/png");
  assert.equal(type(""), "application/octet-stream");
});

test("write-once is sent if and only if it was signed, and nothing of S3's own ever is", () => {
  const names = (once) => Object.keys(headers({ once }, { name: "a", type: "" }, "m"));
  assert.deepEqual(names(true), ["Content-Type", "Content-Disposition", "If-None-Match"]);
  assert.deepEqual(names(false), ["Content-Type", "Content-Disposition"]);
});

test("any file name fits into a header that S3 keeps, with its ending", () => {
  const sent = (name) => {
    const value = headers({ once: false }, { name, type: "" }, "m1")["Content-Disposition"];
    assert.match(value, /^[\x20-\x7e]*$/);
    assert.ok(value.length < 1900, `${value.length} of S3's 2,048 bytes`);
    const [, coded] =
      /^attachment; filename\*=UTF-8''([\w!#$&+.^`|~%-]*); mark=m1$/.exec(value) ?? [];
    return decodeURIComponent(coded);
  };
  for (const name of [
    "a.txt",
    "第3四半期報告書（最終版）.pdf",
    "it's (1)*.txt",
    '😀%\\";.zip',
    "日".repeat(150),
  ]) {
    assert.equal(sent(name), name);
  }
  assert.equal(sent(`${"日".repeat(251)}.pdf`), `${"日".repeat(196)}.pdf`);
  assert.equal(sent("日".repeat(255)), "日".repeat(200));
  // A name that is cut amid a pair, or was never whole, is still sent.
  assert.equal(sent(`${"a".repeat(195)}😀${"b".repeat(60)}.pdf`), `${"a".repeat(195)}\ufffd.pdf`);
});
