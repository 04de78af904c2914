import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { RefLogEntry } from "./catalog.ts";
import { lastChange } from "./last-change.ts";

test("the newest number is found in few looks, however long the log", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 2_000_000 }), async (newest) => {
      let looks = 0;
      const changes = async (after: number, limit: number): Promise<RefLogEntry[]> => {
        looks++;
        assert.ok(after >= 0 && limit === 1);
        return after < newest ? [{ sequence: after + 1 } as RefLogEntry] : [];
      };
      assert.equal(await lastChange({ changes }), newest);
      assert.ok(looks <= 50);
    }),
  );
});
