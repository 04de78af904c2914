import assert from "node:assert/strict";
import { test } from "node:test";
import { Stopwatch } from "./stopwatch.ts";

test("a moment belongs to the innermost stage, also when the work throws, and is taken once", () => {
  let now = 0;
  const watch = new Stopwatch(() => now);
  const pass = (ms: number) => (now += ms);
  pass(100);
  assert.throws(() =>
    watch.within("ingest", () => {
      pass(1);
      watch.within("read", () => pass(10));
      pass(2);
      watch.within("digest", () => {
        pass(20);
        throw new Error("stop");
      });
    }),
  );
  pass(100);
  assert.deepEqual(watch.take(), { ingest: 3, read: 10, digest: 20 });
  assert.deepEqual(watch.take(), {});
});
