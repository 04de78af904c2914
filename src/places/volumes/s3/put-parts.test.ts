/** Uploads in parts, by a server that fails on the way as no real one can be brought to. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MiB } from "../../../core/units.ts";
import { realWorld } from "../../../core/world/index.ts";
import { assertFails, assertHolds, freshKey, sampleBytes } from "../conformance-tools.ts";
import { failure, isObject, never, on, type Said, type TwistedServer } from "./test-tools.ts";

describe("s3: in parts", () => {
  const large = sampleBytes(11 * MiB);
  const whole = ({ status = 200, word = "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>" }): Said => ({ status, body: word });

  /** Takes parts, and does at the end what a test wants. */
  function takesParts(
    server: TwistedServer,
    end: (put: () => void) => Said | "cut",
    part: (attempt: number) => Said | "cut" | undefined = () => undefined,
  ): { readonly aborted: () => number } {
    const parts = new Map<number, Buffer>();
    let [attempts, aborted] = [0, 0];
    server.twist = (asked, objects) => {
      const { method, query, path } = asked;
      if (!isObject(asked)) return undefined;
      if (method === "POST" && query.has("uploads")) return { status: 200, body: "<R><UploadId>u</UploadId></R>" };
      if (method === "DELETE" && query.has("uploadId")) return (aborted++, { status: 204 });
      if (method === "PUT" && query.has("partNumber")) {
        const said = part(attempts++);
        if (!said) parts.set(Number(query.get("partNumber")), asked.body);
        return said ?? { status: 200, headers: { etag: '"e"' } };
      }
      const put = (): void => void objects.set(path, Buffer.concat([...parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes)));
      return method === "POST" ? end(put) : undefined;
    };
    return { aborted: () => aborted };
  }

  test("it arrives, though parts fail on the way", () =>
    on(async (server) => {
      const key = freshKey();
      const failing = (attempt: number): Said | "cut" | undefined => (attempt === 0 ? "cut" : attempt === 2 ? failure(503, "SlowDown") : undefined);
      const { aborted } = takesParts(server, (put) => (put(), whole({})), failing);
      await server.volume.put(key, [large], never);
      await assertHolds(server.volume, key, large);
      assert.equal(aborted(), 0);
    }));

  test("S3: a part that never gets through ends it, and the upload is aborted", () =>
    on(async (server) => {
      const { aborted } = takesParts(server, () => whole({}), () => failure(503, "SlowDown")); // biome-ignore format: one line
      await assertFails(server.volume.put(freshKey(), [large], never), "VOLUME_UNREACHABLE");
      assert.equal(aborted(), 1);
    }));

  test("S3: 200 with an error in it is an error", () =>
    on(async (server) => {
      const { aborted } = takesParts(server, () => whole({ word: "   <?xml version='1.0'?><Error><Code>InternalError</Code></Error>" }));
      await assertFails(server.volume.put(freshKey(), [large], never), "VOLUME_UNREACHABLE");
      assert.equal(aborted(), 1);
    }));

  test("S3: the answer to the end is lost: the server is asked", () =>
    on(async (server) => {
      const { aborted } = takesParts(server, (put) => (put(), "cut"));
      await server.volume.put(freshKey(), [large], never);
      assert.equal(aborted(), 0);
      takesParts(server, (put) => (put(), failure(404, "NoSuchUpload")));
      await server.volume.put(freshKey(), [large], never);
      const left = takesParts(server, () => failure(409, "OperationAborted"));
      await assertFails(server.volume.put(freshKey(), [large], never), "VOLUME_UNREACHABLE");
      assert.equal(left.aborted(), 1);
    }));

  test("S3: the key was taken meanwhile", () =>
    on(async (server) => {
      const { aborted } = takesParts(server, () => failure(412, "PreconditionFailed"));
      await assertFails(server.volume.put(freshKey(), [large], never), "OBJECT_EXISTS");
      assert.equal(aborted(), 1);
    }));

  test("S3: a part that is put down late does not bring the upload back after it was aborted", () =>
    on(async (server) => {
      const [uploads, stop] = [new Set<string>(), new AbortController()];
      server.twist = async (asked) => {
        const { method, query } = asked;
        if (!isObject(asked)) return undefined;
        if (method === "POST" && query.has("uploads")) return (uploads.add("u"), { status: 200, body: "<R><UploadId>u</UploadId></R>" });
        if (method === "DELETE") return (uploads.delete("u"), { status: 204 });
        if (method === "GET") return uploads.has("u") ? { status: 200 } : failure(404, "NoSuchUpload");
        if (!query.has("partNumber")) return undefined;
        stop.abort();
        await realWorld.sleep(200, never);
        uploads.add("u");
        return { status: 200, headers: { etag: '"e"' } };
      };
      await assertFails(server.volume.put(freshKey(), [large], stop.signal), "CANCELLED");
      assert.ok(server.asked.some(({ query }) => query.has("partNumber")));
      await realWorld.sleep(300, never);
      assert.deepEqual([...uploads], []);
    }, realWorld));

  test("S3: uploads that are older than a day are aborted once, and no others", () =>
    on(async (server) => {
      const [old, fresh] = [new Date(Date.now() - 25 * 3600_000).toISOString(), new Date(Date.now() - 23 * 3600_000).toISOString()];
      const upload = (key: string, id: string, at: string): string =>
        `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${at}</Initiated></Upload>`;
      const list = upload("p/shard/a", "1", old) + upload("p/shard/a", "2", fresh) + upload("other/a", "3", old) + upload("p/shard/b", "4", "never");
      server.twist = ({ method, query }) => (method === "GET" && query.has("uploads") ? { status: 200, body: `<L>${list}</L>` } : undefined);
      await server.volume.put(freshKey(), [sampleBytes(1000)], never);
      await server.volume.put(freshKey(), [sampleBytes(1000)], never);
      assert.deepEqual(server.asked.flatMap(({ method, query }) => (method === "DELETE" ? [query.get("uploadId")] : [])), ["1"]); // biome-ignore format: one line
      assert.equal(server.asked.filter(({ query }) => query.has("uploads")).length, 1);
    }));
});
