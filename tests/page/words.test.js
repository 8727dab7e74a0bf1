import assert from "node:assert/strict";
import { test } from "node:test";
import { fill, speak, WORDS } from "../../page/words.js";

const slots = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, slot]) => slot).sort();

/** Every text of a language by its path in it. */
function texts(words, path = "") {
  return Object.entries(words).flatMap(([name, value]) =>
    typeof value === "string" ? [[path + name, value]] : texts(value, `${path}${name}.`),
  );
}

test("both languages say the same things about the same values", () => {
  const [en, ja] = [WORDS.en, WORDS.ja].map((words) => texts(words));
  assert.deepEqual(
    ja.map(([path, text]) => [path, slots(text)]),
    en.map(([path, text]) => [path, slots(text)]),
  );
});

test("each failure has a heading, a reason and a next step of its own", () => {
  for (const words of Object.values(WORDS)) {
    const said = Object.values(words.failures);
    for (const failure of said) {
      assert.equal(failure.length, 3);
      assert.ok(failure.every((text) => text.trim() !== ""));
    }
    for (const index of [0, 2]) {
      const each = said.map((failure) => failure[index]);
      assert.equal(new Set(each).size, each.length, `no two ${index ? "steps" : "headings"} alike`);
    }
    assert.doesNotMatch(JSON.stringify(words), /network error/i);
  }
});

test("a reader gets the first of their languages that we speak, with their own numbers", () => {
  for (const [languages, lang, locale] of [
    [["ja"], "ja", "ja"],
    [["ja-JP", "en-US"], "ja", "ja-JP"],
    [["de-DE", "ja", "en"], "ja", "ja"],
    [["en-GB", "ja"], "en", "en-GB"],
    [["fr", "zh-TW"], "en", "en"],
    [["jam", "eng"], "en", "en"],
    [[], "en", "en"],
  ]) {
    assert.deepEqual(speak(languages), { lang, locale }, languages.join());
  }
});

test("a value is shown apart from the sentence, and is never read as one", () => {
  assert.deepEqual(fill("{who} asks for: {title}", { who: "{title}", title: "<b>" }), [
    { text: "{title}", apart: true },
    { text: " asks for: ", apart: false },
    { text: "<b>", apart: true },
  ]);
  assert.deepEqual(fill("", {}), []);
});
