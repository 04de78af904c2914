import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { wantEngine } from "../../../test/services/wanted.ts";
import { realWorld } from "../../core/world/index.ts";
import { RedisNode } from "./node.ts";
import { placeOf } from "./place.ts";
import { rangesIn, redirectIn, slotOf } from "./slots.ts";
import { clusterUrls } from "./test-tools.ts";

const { url, skip } = wantEngine("HOLDFAST_TEST_REDIS_CLUSTER");

test("a key is in the slot that the server says", { skip }, async () => {
  const node = new RedisNode(placeOf(clusterUrls(url)[0] as string), realWorld);
  const keys = ["", "123456789", "{user1}.a", "{}x", "a{b", "{{x}}", "ä€", ...Array.from({ length: 200 }, () => realWorld.id())];
  const told = await node.askAll(keys.map((key) => ({ words: ["CLUSTER", "KEYSLOT", key] })));
  assert.deepEqual(keys.map(slotOf), told);
  node.close();
});

test("the check value of the specification", () => assert.equal(slotOf("123456789"), 0x31c3 % 16_384));

test("masters are read from the answer, and nothing from what is no such answer", () => {
  const good = [
    [0, 5460, ["10.0.0.1", 7000, "id", []], ["10.0.0.2", 7001, "id", []]],
    [5461, 16_383, ["", 7002, "id"]],
  ];
  assert.deepEqual(rangesIn(good), [
    { first: 0, last: 5460, host: "10.0.0.1", port: 7000 },
    { first: 5461, last: 16_383, host: "", port: 7002 },
  ]);
  const item = fc.letrec((tie) => ({
    reply: fc.oneof({ depthSize: "small" }, fc.string(), fc.integer(), fc.constant(null), fc.array(tie("reply"), { maxLength: 4 })),
  })).reply;
  fc.assert(
    fc.property(item, (reply) => {
      for (const { first, last, port } of rangesIn(reply as never) ?? []) assert.ok(first >= 0 && last < 16_384 && first <= last && port > 0);
    }),
  );
  for (const bad of [[], [[0, 16_384, ["a", 1]]], [[5, 4, ["a", 1]]], [[0, 1, ["a", 0]]], [[0, 1, ["a", 70_000]]], [[0, 1]], "OK", null])
    assert.equal(rangesIn(bad as never), undefined);
});

test("redirects are read, and what is none is none", () => {
  assert.deepEqual(redirectIn("MOVED 3999 127.0.0.1:6381"), { host: "127.0.0.1", port: 6381, ask: false });
  assert.deepEqual(redirectIn("ASK 3999 [::1]:6381"), { host: "::1", port: 6381, ask: true });
  for (const text of ["ERR no", "MOVED 3999", "MOVED x a:1", "MOVED 1 a:99999", "OOM command not allowed"]) assert.equal(redirectIn(text), undefined);
});

test("a server is named by host and port, whatever the password", () => {
  const place = placeOf("redis://ann:s%40cret@r1.internal:6380?weight=2.5");
  assert.deepEqual([place.name, place.user, place.password, place.weight, place.secure], ["r1.internal:6380", "ann", "s@cret", 2.5, false]);
  assert.equal(placeOf("rediss://r1", { REDISCLI_AUTH: "x" }).password, "x");
  assert.equal(placeOf("redis://[::1]:7000").name, "[::1]:7000");
  for (const bad of ["http://a", "redis://", "redis://a?weight=0", "redis://a?copies=2", "a:1"]) assert.throws(() => placeOf(bad), { code: "CONFIG_INVALID" });
  assert.throws(
    () => placeOf("redis://u:secret@a?x=1"),
    (error: Error) => !error.message.includes("secret"),
  );
});
