import assert from "node:assert/strict";
import { test } from "node:test";
import { formats } from "../../page/format.js";

/** ICU puts spaces of several kinds, and changes its mind about which. */
const spaced = (text) => text.replace(/[\u00a0\u202f]/g, " ");

const en = formats("en-GB", "Europe/Berlin");
const ja = formats("ja", "Asia/Tokyo");

test("sizes and speeds read as people say them", () => {
  for (const [format, value, text] of [
    [en.bytes, 0, "0 bytes"],
    [en.bytes, 1, "1 byte"],
    [en.bytes, 1023, "1,023 bytes"],
    [en.bytes, 1024, "1 kB"],
    [en.bytes, 1.5 * 1024 ** 2, "1.5 MB"],
    [en.bytes, 5 * 1024 ** 3, "5 GB"],
    [en.bytes, 2.55 * 1024 ** 3, "2.5 GB"],
    [en.bytes, 50 * 1024 ** 4, "50 TB"],
    [en.speed, 2.5 * 1024 ** 2, "2.5 MB/s"],
    [en.speed, 300, "300 bytes per second"],
    [ja.speed, 2.5 * 1024 ** 2, "2.5 MB/s"],
    [en.bytes, 1024 ** 2 - 1, "1 MB"],
    [en.bytes, 1024 ** 3 - 1, "1 GB"],
    [ja.bytes, 1, "1 バイト"],
    [ja.bytes, 1.5 * 1024 ** 2, "1.5 MB"],
  ]) {
    assert.equal(spaced(format(value)), text);
    assert.match(format(value), /\d\u00a0/, "a number and its unit may part");
  }
});

test("100 % is said only of all", () => {
  for (const [ratio, text] of [
    [0, "0%"],
    [0.429, "42%"],
    [0.9999, "99%"],
    [1, "100%"],
  ]) {
    assert.equal(en.percent(ratio), text);
  }
});

test("durations have two units at most, and their plurals", () => {
  for (const [seconds, english, japanese] of [
    [0.2, "1 second", "1 秒"],
    [59, "59 seconds", "59 秒"],
    [59.5, "60 seconds", "60 秒"],
    [61, "2 minutes", "2 分"],
    [3600, "1 hour", "1 時間"],
    [5000, "1 hour, 24 minutes", "1 時間 24 分"],
  ]) {
    assert.equal(spaced(en.duration(seconds)), english);
    assert.equal(spaced(ja.duration(seconds)), japanese);
  }
});

test("times are the reader's own", () => {
  const time = Date.UTC(2026, 11, 1, 17, 0);
  assert.match(en.time(time), /^Tue,? 1 Dec 2026,? (at )?18:00$/);
  assert.match(ja.time(time), /^2026年12月2日\(水\) 2:00$/);
});
