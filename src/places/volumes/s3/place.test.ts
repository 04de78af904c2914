import assert from "node:assert/strict";
import { test } from "node:test";
import { isFault } from "../../../core/errors.ts";
import { MiB } from "../../../core/units.ts";
import { parseS3Url } from "./place.ts";

test("a URL with everything, and one with nothing", () => {
  const { endpoint, ...full } = parseS3Url("s3://models/a/b/?endpoint=http://127.0.0.1:9000&region=eu-1&style=path&profile=lab&part=64MiB&verify=read");
  assert.deepEqual(full, { bucket: "models", prefix: "a/b", region: "eu-1", style: "path", profile: "lab", partBytes: 64 * MiB, verify: "read" });
  assert.equal(endpoint?.origin, "http://127.0.0.1:9000");
  const bare = parseS3Url("s3://models");
  assert.deepEqual(bare, {
    bucket: "models",
    prefix: "",
    endpoint: undefined,
    region: undefined,
    style: undefined,
    profile: undefined,
    partBytes: 40 * MiB,
    verify: "checksum",
  });
});

test("what is not a place in S3 is CONFIG_INVALID, and says no secret", () => {
  const bad = [
    "s3:models",
    "s3:///models",
    "s3://a",
    "s3://key:canary@models",
    "s3://models:9000/a",
    "s3://models/a#b",
    "s3://models/a//b",
    "s3://models/.a",
    "s3://models/a%20b",
    "s3://models/ä",
    "s3://models?regoin=eu",
    "s3://models?region=",
    "s3://models?region=a&region=b",
    "s3://models?style=sideways",
    "s3://models?endpoint=127.0.0.1:9000",
    "s3://models?endpoint=ftp://a",
    "s3://models?endpoint=http://key:canary@a",
    "s3://models?endpoint=http://a/path",
    "s3://models?part=many",
    "s3://models?part=1MiB",
    "s3://models?part=5GiB",
    "s3://models?verify=never",
  ];
  for (const url of bad)
    assert.throws(
      () => parseS3Url(url),
      (error) => {
        assert.ok(isFault(error, "CONFIG_INVALID"), `${url}: ${String(error)}`);
        assert.doesNotMatch(error.message, /canary/);
        return true;
      },
    );
  // A way up is resolved by the parser of URLs, before anybody sees it.
  assert.equal(parseS3Url("s3://models/a/../../b").prefix, "b");
});
