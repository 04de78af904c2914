import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { matchesGlob } from "./glob.ts";

/** The same by definition, in exponential time. */
function plainly(text: string, pattern: string): boolean {
  if (pattern === "") return text === "";
  if (pattern[0] === "*") return plainly(text, pattern.slice(1)) || (text !== "" && plainly(text.slice(1), pattern));
  return text !== "" && (pattern[0] === "?" || pattern[0] === text[0]) && plainly(text.slice(1), pattern.slice(1));
}

test("a pattern fits what its definition says", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 10 });
  const patterns = fc.string({ unit: fc.constantFrom("a", "b", "/", "*", "?"), maxLength: 7 });
  fc.assert(
    fc.property(letters, patterns, (text, pattern) => matchesGlob(text, pattern) === plainly(text, pattern)),
    { numRuns: 5000 },
  );
});

test("many stars take no more than text times pattern", () => {
  assert.equal(matchesGlob("a".repeat(20_000), `${"*a".repeat(500)}*b`), false);
});
