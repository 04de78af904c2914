/** What a server answers when things go wrong, and what the driver makes of it. No real server can be brought to say these at will. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { crc32c } from "../../../bytes/digests/index.ts";
import type { ErrorCode } from "../../../core/errors.ts";
import { rangeOf } from "../../../core/range.ts";
import type { World } from "../../../core/world/index.ts";
import { assertFails, assertHolds, freshKey, sampleBytes } from "../conformance-tools.ts";
import { retryAfterMs } from "../retry-after.ts";
import type { Evidence, Volume } from "../volume.ts";
import { checksumText } from "./checksum.ts";
import { type Asked, failure, hasty, isObject, keys, never, on, type Said, twisted } from "./test-tools.ts";

const body = sampleBytes(1000);
const got = (volume: Volume, key = freshKey()): Promise<number> => volume.get(key, rangeOf(0, 10), [Buffer.alloc(10)], never);

describe("s3: answers are classified", () => {
  const cases: readonly (readonly [string, Said, ErrorCode])[] = [
    ["a missing bucket", failure(404, "NoSuchBucket"), "VOLUME_UNREACHABLE"],
    ["a user that is unknown, which one server calls 404", failure(404, "XAdminUserNotFound"), "ACCESS_DENIED"],
    ["404 without a word", { status: 404 }, "VOLUME_UNREACHABLE"],
    ["slow down", failure(503, "SlowDown"), "VOLUME_UNREACHABLE"],
    ["too many", failure(429, "TooManyRequests"), "VOLUME_UNREACHABLE"],
    ["an internal error", failure(500, "InternalError"), "VOLUME_UNREACHABLE"],
    ["a gateway's page", { status: 502, body: "<html><body>bad gateway<br></body></html>" }, "VOLUME_UNREACHABLE"],
    ["no access", failure(403, "AccessDenied"), "ACCESS_DENIED"],
    ["a wrong signature", failure(403, "SignatureDoesNotMatch"), "ACCESS_DENIED"],
    ["a full bucket", failure(507, "InsufficientStorage"), "VOLUME_FULL"],
    ["a quota", failure(400, "QuotaExceeded"), "VOLUME_FULL"],
    ["another region", failure(301, "PermanentRedirect"), "CONFIG_INVALID"],
  ];
  for (const [name, said, code] of cases)
    test(name, () =>
      on(async (server) => {
        server.twist = (asked) => (isObject(asked) ? said : undefined);
        await assertFails(got(server.volume), code);
        await assertFails(server.volume.put(freshKey(), [body], never), code);
      }),
    );

  test("a missing key is missing only while the identity is there", () =>
    on(async ({ volume, objects }) => {
      await assertFails(got(volume), "OBJECT_MISSING");
      objects.clear();
      await assertFails(got(volume), "VOLUME_IDENTITY_MISSING");
      await assertFails(volume.stat([freshKey()], never)[Symbol.asyncIterator]().next(), "VOLUME_IDENTITY_MISSING");
    }));

  test("D12: nothing is written to a bucket that is empty", () =>
    on(async ({ volume, objects }) => {
      objects.clear();
      await assertFails(volume.put(freshKey(), [body], never), "VOLUME_IDENTITY_MISSING");
      assert.equal(objects.size, 0);
    }));

  test("R13: a request is tried again by itself, as often as it may, and all of them within one budget", () =>
    on(async (server) => {
      server.twist = (asked) => (isObject(asked) ? failure(503, "SlowDown") : undefined);
      const asks = (): number => server.asked.filter(isObject).length;
      await assertFails(got(server.volume), "VOLUME_UNREACHABLE");
      assert.equal(asks(), 4);
      for (let turn = 0; turn < 60; turn++) await assertFails(got(server.volume), "VOLUME_UNREACHABLE");
      assert.equal(asks(), 61 + 50);
      let refusals = 1;
      server.twist = (asked) => (isObject(asked) && refusals-- > 0 ? failure(503, "SlowDown") : undefined);
      for (let turn = 0; turn < 20; turn++) await got(server.volume).catch(() => undefined);
      refusals = 1;
      await assertFails(got(server.volume), "OBJECT_MISSING");
    }));

  test("S1: Retry-After is handed on", () =>
    on(async (server) => {
      server.twist = (asked) => (isObject(asked) ? failure(503, "SlowDown", { "retry-after": "7" }) : undefined);
      const error = await got(server.volume).catch((error: unknown) => error);
      assert.equal(retryAfterMs(error), 7000);
    }));
});

describe("s3: an answer that is not what was asked for is no answer", () => {
  const ranges: readonly (readonly [string, Said])[] = [
    ["another range", { status: 206, headers: { "content-range": "bytes 1-10/1000" }, body: Buffer.alloc(10) }],
    ["a range that does not say which", { status: 206, body: Buffer.alloc(10) }],
    ["fewer bytes than there are", { status: 206, headers: { "content-range": "bytes 0-4/1000" }, body: Buffer.alloc(5) }],
    ["more bytes than were asked for", { status: 206, headers: { "content-range": "bytes 0-19/1000" }, body: Buffer.alloc(20) }],
    ["the whole object", { status: 200, body: Buffer.alloc(1000) }],
    ["an encoded body", { status: 206, headers: { "content-range": "bytes 0-9/1000", "content-encoding": "gzip" }, body: Buffer.alloc(10) }],
  ];
  for (const [name, said] of ranges)
    test(`S7: ${name}`, () =>
      on(async (server) => {
        server.twist = (asked) => (isObject(asked) ? said : undefined);
        await assertFails(got(server.volume), "VOLUME_UNREACHABLE");
      }));

  const page = (entries: string, more = ""): Said => ({ status: 200, body: `<ListBucketResult>${entries}${more}</ListBucketResult>` });
  const entry = (key: string): string => `<Contents><Key>p/${key}</Key><Size>5</Size></Contents>`;
  const [first, second] = [freshKey(), freshKey()];
  const lists: readonly (readonly [string, Said])[] = [
    ["keys out of order", page(entry(second) + entry(first))],
    ["a key twice", page(entry(first) + entry(first))],
    ["a key of somebody else", page("<Contents><Key>q/a</Key><Size>5</Size></Contents>")],
    ["no size", page("<Contents><Key>p/a</Key></Contents>")],
    ["more, and not where", page(entry(first), "<IsTruncated>true</IsTruncated>")],
    ["half a page", { status: 200, body: "<ListBucketResult><Contents><Key>p/" }],
    ["something else", { status: 200, body: "<html></html>" }],
  ];
  for (const [name, said] of lists)
    test(`S6: a list with ${name}`, () =>
      on(async (server) => {
        server.twist = ({ query }) => (query.has("list-type") ? said : undefined);
        const all = async (): Promise<void> => {
          for await (const _ of server.volume.list(undefined, never));
        };
        await assertFails(all(), "VOLUME_UNREACHABLE");
      }));
});

describe("s3: whether a put was done", () => {
  test("S2: done, and the answer was lost: the server is asked, and it is done", () =>
    on(async (server) => {
      const key = freshKey();
      server.twist = (asked, objects) => (isObject(asked) && asked.method === "PUT" ? (objects.set(asked.path, asked.body), "cut") : undefined);
      await server.volume.put(key, [body], never);
      await assertHolds(server.volume, key, body);
    }));

  test("S2: done, and the answer was 500", () =>
    on(async (server) => {
      server.twist = (asked, objects) =>
        isObject(asked) && asked.method === "PUT" ? (objects.set(asked.path, asked.body), failure(500, "InternalError")) : undefined;
      await server.volume.put(freshKey(), [body], never);
    }));

  test("S2: done, and neither the answer nor the look got through; the second attempt is refused for the sake of the first", () =>
    on(async (server) => {
      let [puts, looks] = [0, 0];
      server.twist = (asked, objects) => {
        if (!isObject(asked)) return undefined;
        if (asked.method === "HEAD") return ++looks <= 4 ? "cut" : undefined;
        return asked.method === "PUT" && ++puts === 1 ? (objects.set(asked.path, asked.body), "cut") : undefined;
      };
      await server.volume.put(freshKey(), [body], never);
      assert.equal(puts, 2);
    }));

  test("S2: not done: the error stays what it was", () =>
    on(async (server) => {
      server.twist = (asked) => (isObject(asked) && asked.method === "PUT" ? "cut" : undefined);
      await assertFails(server.volume.put(freshKey(), [body], never), "VOLUME_UNREACHABLE");
    }));

  test("S2: another object came in between", () =>
    on(async (server) => {
      server.twist = (asked, objects) =>
        isObject(asked) && asked.method === "PUT" ? (objects.set(asked.path, Buffer.from("another")), failure(409, "ConditionalRequestConflict")) : undefined;
      await assertFails(server.volume.put(freshKey(), [body], never), "OBJECT_EXISTS");
    }));

  test("a server that publishes half of what was sent: the half is removed, and the put has failed", () =>
    on(async (server) => {
      server.twist = (asked, objects) =>
        isObject(asked) && asked.method === "PUT" ? (objects.set(asked.path, asked.body.subarray(0, 500)), { status: 200 }) : undefined;
      await assertFails(server.volume.put(freshKey(), [body], never), "VOLUME_UNREACHABLE");
      assert.equal([...server.objects.keys()].filter((path) => path.includes("/shard/")).length, 0);
    }));

  test("a server that says another checksum than was sent", () =>
    on(async (server) => {
      server.twist = (asked) =>
        isObject(asked) && asked.method === "HEAD" ? { status: 200, headers: { "content-length": "1000", "x-amz-checksum-crc32c": "AAAAAA==" } } : undefined;
      await assertFails(server.volume.put(freshKey(), [body], never), "VOLUME_UNREACHABLE");
    }));

  describe("what a server keeps is evidence", () => {
    const sum = checksumText(crc32c(body));
    const cases: readonly (readonly [string, string | undefined, Said | "cut", Evidence])[] = [
      ["where it is ours, and a wrong one is refused", sum, failure(400, "BadDigest"), "checksum"],
      ["not where a wrong one is taken: nobody looked", sum, { status: 200 }, "none"],
      ["not while it cannot be found out", sum, failure(503, "SlowDown"), "none"],
      ["not while nobody answers", sum, "cut", "none"],
      ["not where there is none", undefined, failure(400, "BadDigest"), "none"],
      ["not where it is of another kind", `${sum}-3`, failure(400, "BadDigest"), "none"],
    ];
    for (const [name, kept, toWrong, evidence] of cases)
      test(name, () =>
        on(async (server) => {
          server.twist = (asked) => {
            if (isObject(asked) && asked.method === "HEAD")
              return { status: 200, headers: { "content-length": "1000", ...(kept && { "x-amz-checksum-crc32c": kept }) } };
            return asked.method === "PUT" && asked.path.endsWith("/probe") && asked.body.length > 0 ? toWrong : undefined;
          };
          assert.equal(await server.volume.put(freshKey(), [body], never), evidence);
        }),
      );
  });

  test("every upload carries its checksum, and is not signed twice over", () =>
    on(async ({ volume, asked }) => {
      await volume.put(freshKey(), [Buffer.from("123456789")], never);
      const put = asked.findLast(({ method, path }) => method === "PUT" && path.includes("/shard/"));
      assert.equal(put?.headers["x-amz-checksum-crc32c"], "4waSgw=="); // the check value of CRC32C, e3069283
      assert.equal(put?.headers["x-amz-content-sha256"], "UNSIGNED-PAYLOAD");
    }));

  test("S10: a server that does not honour conditions is asked before each put, and not sent any", () =>
    on(async (server) => {
      server.twist = (asked, objects) =>
        asked.method === "PUT" && asked.headers["if-none-match"] ? (objects.set(asked.path, asked.body), { status: 200 }) : undefined;
      const key = freshKey();
      await server.volume.put(key, [body], never);
      await assertFails(server.volume.put(key, [sampleBytes(5)], never), "OBJECT_EXISTS");
      await assertHolds(server.volume, key, body);
      assert.ok(!server.asked.some((asked) => isObject(asked) && asked.headers["if-none-match"]));
    }));
});

describe("s3: removing", () => {
  test("an error about one object of many is an error", () =>
    on(async (server) => {
      const said = (code: string): Said => ({
        status: 200,
        body: `<DeleteResult><Error><Key>k</Key><Code>${code}</Code><Message>m</Message></Error></DeleteResult>`,
      });
      for (const [code, wanted] of [
        ["AccessDenied", "ACCESS_DENIED"],
        ["InternalError", "VOLUME_UNREACHABLE"],
      ] as const) {
        // biome-ignore format: a table
        server.twist = ({ query }) => (query.has("delete") ? said(code) : undefined);
        await assertFails(server.volume.remove([freshKey(), freshKey()], never), wanted);
      }
      server.twist = ({ query }) => (query.has("delete") ? said("NoSuchKey") : undefined);
      await server.volume.remove([freshKey(), freshKey()], never);
    }));

  test("one by one where the server does not know many", () =>
    on(async (server) => {
      server.twist = ({ query }) => (query.has("delete") ? failure(501, "NotImplemented") : undefined);
      const some = [freshKey(), freshKey(), freshKey()];
      for (const key of some) await server.volume.put(key, [body], never);
      await server.volume.remove(some, never);
      await server.volume.remove(some, never);
      assert.equal(server.objects.size, 2); // the identity and the probe
      assert.equal(server.asked.filter(({ query }) => query.has("delete")).length, 1);
    }));
});

describe("s3: keys and clocks", () => {
  test("S8: a clock that is wrong by hours is corrected from the server's date, once", async () => {
    const late: World = { ...hasty, now: () => Date.now() - 5 * 3600_000 };
    await on(async (server) => {
      const right = ({ headers }: Asked): boolean => Math.abs(dateOf(String(headers["x-amz-date"])) - Date.now()) < 60_000;
      server.twist = (asked) => (right(asked) ? undefined : asked.method === "HEAD" ? { status: 403 } : failure(403, "RequestTimeTooSkewed"));
      await server.volume.put(freshKey(), [body], never);
      assert.equal(server.asked.filter((asked) => !right(asked)).length, 1);
    }, late);
  });

  test("S8: a clock that is wrong is corrected by HEAD too, whose answer has no words", async () => {
    const late: World = { ...hasty, now: () => Date.now() - 5 * 3600_000 };
    await on(async (server) => {
      const key = freshKey();
      server.objects.set(`/bucket/p/${key}`, body);
      server.twist = ({ headers }) => (Math.abs(dateOf(String(headers["x-amz-date"])) - Date.now()) < 60_000 ? undefined : { status: 403 });
      const { value } = await server.volume.stat([key], never)[Symbol.asyncIterator]().next();
      assert.deepEqual(value, { key, bytes: 1000 });
    }, late);
  });

  test("S8: keys that ended are fetched anew", async () => {
    let served = 0;
    await using source = await twisted();
    source.twist = ({ path }) =>
      path === "/keys"
        ? {
            status: 200,
            body: JSON.stringify({
              AccessKeyId: `key${++served}`,
              SecretAccessKey: "s",
              Token: "t",
              Expiration: new Date(Date.now() + 3600_000).toISOString(),
            }),
          }
        : undefined;
    await got(source.volume).catch(() => undefined);
    const { port } = new URL(`http://${source.asked[0]?.headers.host}`);
    await using server = await twisted(hasty, "", { HOME: "/nowhere", AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/keys` });
    server.twist = ({ headers }) => (headers.authorization?.includes("=key1/") ? failure(400, "ExpiredToken") : undefined);
    await server.volume.put(freshKey(), [body], never);
    assert.equal(served, 2);
    assert.equal(server.asked.at(-1)?.headers["x-amz-security-token"], "t");
  });

  test("A19: no secret is in an error", async () => {
    await using server = await twisted(hasty, "", { ...keys, AWS_SECRET_ACCESS_KEY: "canary-secret", AWS_SESSION_TOKEN: "canary-token" });
    server.twist = (asked) => (isObject(asked) ? failure(403, "AccessDenied") : undefined);
    const error = (await got(server.volume).catch((error: unknown) => error)) as Error;
    assert.doesNotMatch(`${error.stack}${JSON.stringify(error)}${String(error.cause)}`, /canary/);
  });
});

function dateOf(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}
