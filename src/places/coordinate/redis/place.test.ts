import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isFault } from "../../../core/errors.ts";
import { coordinatePlaceOf } from "./place.ts";

test("servers, a cluster, a user and a prefix are read from the URL", () => {
  const ring = coordinatePlaceOf("redis://ann:s%40cret@r1,r2:7000/?prefix=mine", {});
  assert.deepEqual([ring.clustered, ring.prefix, ring.places.map(({ name }) => name)], [false, "mine", ["r1:6379", "r2:7000"]]);
  assert.deepEqual(ring.places.map(({ user, password, secure }) => [user, password, secure]), [["ann", "s@cret", false], ["ann", "s@cret", false]]); // biome-ignore format: one line
  const cluster = coordinatePlaceOf("rediss-cluster://[::1]:7001", { REDISCLI_AUTH: "x" });
  assert.deepEqual([cluster.clustered, cluster.prefix, cluster.places[0]?.secure, cluster.places[0]?.password], [true, "holdfast", true, "x"]);
});

test("anything else is refused, and no password is told", () => {
  const refused = (url: string): void =>
    assert.throws(
      () => coordinatePlaceOf(url),
      (error: Error) => isFault(error, "CONFIG_INVALID") && !error.message.includes("secret"),
      url,
    );
  for (const url of ["redis:", "redis://", "redis://a,,b", "redis://u:secret@a?x=1", "redis://u:secret@a?prefix=%7B", "http://a", "redis://a:99999", "redis-cluster://a/b"]) refused(url); // biome-ignore format: one line
  refused(`redis://${Array.from({ length: 257 }, (_, at) => `h${at}`).join(",")}`);
});

test("whatever is written, it is places or a refusal", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((rest) => `redis://${rest}`),
      ),
      (url) => {
        try {
          assert.ok(coordinatePlaceOf(url).places.length > 0);
        } catch (error) {
          assert.ok(isFault(error, "CONFIG_INVALID"), String(error));
        }
      },
    ),
  );
});
