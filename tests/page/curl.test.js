import assert from "node:assert/strict";
import { test } from "node:test";
import { curlLine } from "../../page/curl.js";

test("the line for a shell holds any URL, and the condition if it was signed", () => {
  assert.equal(
    curlLine({ put: "https://a/b'$(rm)?c&d", once: true }),
    "f='report.pdf'; curl -f -T \"$f\" -H 'If-None-Match: *'" +
      " -H \"Content-Disposition: attachment; filename=\\\"$f\\\"\" 'https://a/b'\\''$(rm)?c&d'",
  );
  assert.doesNotMatch(curlLine({ put: "https://a", once: false }), /If-None-Match/);
});
