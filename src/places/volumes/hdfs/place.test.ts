import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isFault } from "../../../core/errors.ts";
import { parsePlace } from "./place.ts";

test("the whole of a URL is read", () => {
  const url =
    "hdfs://nn1:9870,NN2.internal:9871/lake/hold fast%20x?replication=2&counts=1&blocksize=64MiB&user=ann&datanodes=dn1:9864,.internal:9864&verify=read";
  assert.deepEqual(parsePlace(url), {
    nameNodes: ["nn1:9870", "nn2.internal:9871"],
    root: "/lake/hold fast x",
    replication: 2,
    counts: 1,
    blockBytes: 64 * 2 ** 20,
    user: "ann",
    tokenFile: undefined,
    dataNodes: ["dn1:9864", ".internal:9864"],
    verify: "read",
  });
});

test("what is not said is three copies, blocks as the cluster has them, and nobody in particular", () => {
  assert.deepEqual(parsePlace("hdfs://[::1]:9870/a/"), {
    nameNodes: ["[::1]:9870"],
    root: "/a",
    replication: 3,
    counts: 3,
    blockBytes: undefined,
    user: undefined,
    tokenFile: undefined,
    dataNodes: [],
    verify: "checksum",
  });
});

const refused = [
  "hdfs://nn:9870",
  "hdfs://nn:9870/a?verify=never",
  "hdfs://nn:9870/",
  "hdfs://nn/a",
  "hdfs://nn:0/a",
  "hdfs://nn:70000/a",
  "hdfs://nn:1,/a",
  "hdfs://nn:1,nn:1/a",
  "hdfs://ann@nn:1/a",
  "hdfs:///a",
  "hdfs://nn:1/a//b",
  "hdfs://nn:1/a/../b",
  "hdfs://nn:1/a/%2e%2e/b",
  "hdfs://nn:1/a:b",
  "hdfs://nn:1/a%2fb",
  "hdfs://nn:1/%ff",
  "hdfs://nn:1/a#b",
  "hdfs://nn:1/a?replication=0",
  "hdfs://nn:1/a?replication=3.5",
  "hdfs://nn:1/a?replication=3&replication=3",
  "hdfs://nn:1/a?replication=2&counts=3",
  "hdfs://nn:1/a?counts=0",
  "hdfs://nn:1/a?replicas=3",
  "hdfs://nn:1/a?blocksize=1MB",
  "hdfs://nn:1/a?blocksize=512",
  "hdfs://nn:1/a?blocksize=lots",
  "hdfs://nn:1/a?user=a%20b",
  "hdfs://nn:1/a?user=",
  "hdfs://nn:1/a?datanodes=dn",
  "http://nn:1/a",
];

for (const url of refused)
  test(`${url} is refused`, () =>
    assert.throws(
      () => parsePlace(url),
      (error) => isFault(error, "CONFIG_INVALID", "ARGUMENT_INVALID"),
    ));

test("any text is a place or a fault, and a place never leaves its folder", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.tuple(fc.webAuthority({ withPort: true }), fc.webPath(), fc.webQueryParameters()).map(([host, path, query]) => `hdfs://${host}${path}?${query}`),
    fc
      .array(fc.constantFrom("hdfs://", "nn:1", ",", "/", "a", "..", "%2e", "%2F", "?", "&", "replication=", "3", "user=", "#", ":"))
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (url) => {
      try {
        const { root, nameNodes } = parsePlace(url);
        const segments = root.split("/").slice(1);
        assert.ok(segments.length > 0 && segments.every((segment) => segment !== "" && segment !== "." && segment !== ".."), root);
        assert.ok(nameNodes.length > 0);
      } catch (error) {
        assert.ok(isFault(error, "CONFIG_INVALID", "ARGUMENT_INVALID"), String(error));
      }
    }),
    { numRuns: 3000 },
  );
});
