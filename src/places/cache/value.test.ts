import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DomainName } from "../../core/names.ts";
import { cacheKey } from "./key.ts";
import { bodyCrcOf, valueHeader, valueHeaderBytes } from "./value.ts";

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const form = fc.record({ encoding: fc.integer({ min: 0, max: 255 }), rawBytes: u32, storedBytes: u32 });
const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((digest) => cacheKey("acme" as DomainName, digest));

test("a header tells the checksum of what it was made for", () => {
  fc.assert(fc.property(key, form, u32, (one, how, crc32c) => assert.equal(bodyCrcOf(valueHeader({ key: one, form: how, crc32c }), one, how), crc32c)));
});

test("a header with any bit changed, of another key or another form is none", () => {
  fc.assert(
    fc.property(key, key, form, form, u32, fc.integer({ min: 0, max: valueHeaderBytes * 8 - 1 }), (one, other, how, otherHow, crc32c, bit) => {
      const header = valueHeader({ key: one, form: how, crc32c });
      if (other !== one) assert.equal(bodyCrcOf(header, other, how), undefined);
      if (JSON.stringify(how) !== JSON.stringify(otherHow)) assert.equal(bodyCrcOf(header, one, otherHow), undefined);
      header[bit >> 3] = (header[bit >> 3] as number) ^ (1 << (bit & 7));
      assert.equal(bodyCrcOf(header, one, how), undefined);
    }),
  );
});

test("foreign bytes are no header, whatever they are", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), key, form, (bytes, one, how) => assert.equal(bodyCrcOf(bytes, one, how), undefined)));
});
