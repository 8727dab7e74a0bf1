import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeText, parse, plain, plainLines } from "../../page/text.js";

const base64 = (text) => Buffer.from(text).toString("base64");
const base64url = (text) => base64(text).replaceAll("+", "-").replaceAll("/", "_");

test("every form of base64 that a link may arrive in is decoded, whatever its padding", () => {
  // Both alphabets differ only where 62 and 63 are; these texts hold them.
  for (const text of ["", "a", "ab", "abc", "~~~???>>>", "日本語の名前", "ÿþý~", "😀"]) {
    const forms = [
      base64url(text),
      base64url(text).replaceAll("=", ""),
      base64url(text).replaceAll("=", "%3D"),
      base64url(text).replaceAll("=", "%3d"),
      base64(text),
      base64(text).replaceAll("+", " "),
    ];
    for (const form of forms) assert.equal(decodeText(form), text, form);
  }
});

test("what is not base64 of UTF-8 decodes to nothing", () => {
  for (const coded of ["a", "*", "日本", "_w==", "YWJjZ"])
    assert.equal(decodeText(coded), "", coded);
});

test("untrusted text loses what could disguise it, and its excess", () => {
  for (const [text, limit, shown] of [
    ["report\u202excod.exe\n", 40, "reportxcod.exe"],
    [" a\t\u2003b\u2029c ", 40, "a b c"],
    ["\ud800lone", 40, "lone"],
    ["😀😀😀😀", 3, "😀😀…"],
    [42, 40, ""],
  ]) {
    assert.equal(plain(text, limit), shown);
  }
});

test("a note keeps its lines, and loses what else could disguise it", () => {
  assert.equal(plainLines("one\u202e\r\n two\n", 20), "one\ntwo\n");
  assert.equal(plainLines("x".repeat(600), 500).length, 500);
  assert.equal(plainLines(undefined, 500), "");
});

test("what is no JSON, or no object, says nothing", () => {
  for (const text of ["", "{", "null", "undefined"]) assert.deepEqual(parse(text), {}, text);
  assert.deepEqual(parse('{"v":1}'), { v: 1 });
});
