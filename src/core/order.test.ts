import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareUtf8 } from "./order.ts";

test("the order is that of the UTF-8 bytes", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "/", "é", "\u{1f680}", "\uffee", "\u{10ffff}", "\ud7ff", "\ue000"), maxLength: 4 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.equal(Math.sign(compareUtf8(a, b)), Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
