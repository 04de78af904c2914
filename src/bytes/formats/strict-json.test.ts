import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isFault } from "../../core/errors.ts";
import { StrictJson } from "./strict-json.ts";

const depthMax = 6;

/** Reads any value into plain data, the way a caller of the reader would. */
function read(json: StrictJson, kind: unknown): unknown {
  if (typeof kind === "string") return json.string();
  if (typeof kind === "number") return json.integer();
  if (Array.isArray(kind)) {
    const list: unknown[] = [];
    json.array(() => list.push(read(json, kind[list.length])));
    return list;
  }
  const entries = new Map<string, unknown>();
  json.object((key) => void entries.set(key, read(json, (kind as Record<string, unknown>)[key])));
  return Object.fromEntries(entries);
}

function over(text: string | Uint8Array): StrictJson {
  return new StrictJson(typeof text === "string" ? Buffer.from(text) : text, depthMax);
}

function refused(work: () => unknown, reason: RegExp): void {
  assert.throws(work, (error) => isFault(error, "FORMAT_INVALID") && reason.test(error.message));
}

const name = fc.string({ unit: "grapheme", maxLength: 12 }).filter((text) => text !== "__proto__");
const value = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, name, fc.maxSafeNat(), fc.array(tie("value"), { maxLength: 4 }), fc.dictionary(name, tie("value"), { maxKeys: 4 })),
})).value;

test("what JSON.stringify writes is read back, compact or indented", () => {
  fc.assert(
    fc.property(value, fc.constantFrom(0, 1, "\t"), (written, indent) => {
      const json = over(JSON.stringify(written, undefined, indent));
      const plain = JSON.parse(JSON.stringify(written)) as unknown;
      assert.deepEqual(read(json, plain), plain);
      json.end();
    }),
  );
});

test("skipping a value ends where reading it ends", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (written) => {
      const json = over(`[${JSON.stringify(written)},7]`);
      const numbers: number[] = [];
      let index = 0;
      json.array(() => (index++ === 0 ? json.skipValue() : numbers.push(json.integer())));
      json.end();
      assert.deepEqual(numbers, [7]);
    }),
  );
});

test("any bytes end in a value or in FORMAT_INVALID", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.string({ unit: fc.constantFrom(...'{}[]",:\\0123eE.-+tfnu \n'), maxLength: 60 }).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(bytes, (foreign) => {
      try {
        const json = over(foreign);
        json.skipValue();
        json.end();
      } catch (error) {
        assert.ok(isFault(error, "FORMAT_INVALID"), String(error));
        return;
      }
      JSON.parse(Buffer.from(foreign).toString());
    }),
    { numRuns: 3000 },
  );
});

test("__proto__ is a key like any other", () => {
  const keys: string[] = [];
  const json = over('{"__proto__":1,"constructor":2}');
  json.object((key) => void keys.push(`${key}=${json.integer()}`));
  assert.deepEqual(keys, ["__proto__=1", "constructor=2"]);
});

test("what JSON allows and a header must not have", () => {
  refused(() => over('{"a":1,"\\u0061":2}').skipValue(), /twice/);
  refused(() => over("9007199254740992").integer(), /above/);
  assert.equal(over("9007199254740991").integer(), Number.MAX_SAFE_INTEGER);
  for (const number of ["1.0", "1e3"]) {
    const json = over(number);
    json.integer();
    refused(() => json.end(), /follows/);
  }
  refused(() => over("-1").integer(), /whole number/);
  refused(() => over("01").integer(), /begins with 0/);
  refused(() => over(`${"[".repeat(depthMax + 1)}`).skipValue(), /deeper/);
  refused(() => over('"\\ud800"').string(), /surrogate/);
  refused(() => over('"a\nb"').string(), /control/);
  refused(() => over(Buffer.from([0x22, 0xff, 0x22])), /UTF-8/);
  refused(() => over("\ufeff{}").skipValue(), /not a value/);
  refused(() => over(`"${"x".repeat(5000)}"`).string(), /more than 4096 bytes/);
});
