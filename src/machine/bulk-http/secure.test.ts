/** The same exchanges over TLS, with a certificate made for these tests (fixtures/, for 127.0.0.1, its key no secret). */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { isFault } from "../../core/errors.ts";
import { MiB } from "../../core/units.ts";
import { realWorld } from "../../core/world/index.ts";
import { BulkClient, type BulkClientOptions, type BulkRequest } from "./index.ts";
import { breaks, never, sample, shared } from "./test-tools.ts";

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
const [cert, key] = [fixture("localhost-certificate.pem"), fixture("localhost-key.pem")];

type Ask = (request: Partial<BulkRequest>, signal?: AbortSignal) => ReturnType<BulkClient["request"]>;

async function withServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  run: (ask: Ask) => Promise<void>,
  options: BulkClientOptions = { ca: cert },
) {
  const server = createServer({ cert, key }, answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/path?secret=token`);
  try {
    await using client = new BulkClient(realWorld, options);
    await run((request, signal = never) => client.request({ method: "GET", url, headers: {}, ...request }, signal));
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test("over TLS: what is put is got", async () => {
  let stored = Buffer.alloc(0);
  const bytes = sample(3 * MiB + 5);
  await withServer(
    async (request, response) => {
      if (request.method === "GET") return void response.writeHead(206, { "content-length": stored.length }).end(stored);
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      stored = Buffer.concat(parts);
      response.writeHead(request.headers["content-length"] === String(stored.length) ? 201 : 500).end();
    },
    async (ask) => {
      const source = shared(bytes.length);
      source.set(bytes);
      assert.equal(
        (await ask({ method: "PUT", body: [source.subarray(0, 7), new Uint8Array(0), source.subarray(7)], headers: { expect: "100-continue" } })).status,
        201,
      );
      assert.equal((await ask({ method: "PUT", body: [] })).status, 201);
      assert.equal((await ask({ method: "PUT", body: [bytes] })).status, 201);
      const into = [Buffer.alloc(10), shared(bytes.length)];
      assert.equal((await ask({ into })).bodyBytes, bytes.length);
      assert.ok(
        Buffer.concat(into.map((view) => Buffer.from(view)))
          .subarray(0, bytes.length)
          .equals(bytes),
      );
    },
  );
});

test("over TLS: a failure comes as text, a body that is cut or too long is refused", async () => {
  await withServer(
    (request, response) => {
      if (request.headers.want === "text") return void response.writeHead(404).end("nothing here");
      response.writeHead(200, { "content-length": 100 });
      if (request.headers.want === "long") return void response.end(sample(100));
      response.write(sample(40));
      setTimeout(() => response.destroy(), 30);
    },
    async (ask) => {
      const { status, text } = await ask({ into: [Buffer.alloc(5)], headers: { want: "text" } });
      assert.deepEqual([status, text], [404, "nothing here"]);
      await breaks(ask({ into: [Buffer.alloc(99)], headers: { want: "long" } }), /longer/);
      await breaks(ask({ into: [Buffer.alloc(100)] }), /and 40 bytes of the answer's body came/);
    },
  );
});

test("over TLS: a certificate that nobody vouches for is refused", () =>
  withServer(
    (_, response) => void response.end(),
    (ask) => breaks(ask({}), /DEPTH_ZERO_SELF_SIGNED_CERT/),
    {},
  ));

test("over TLS: silence ends, and so does a cancellation", () =>
  withServer(
    () => undefined,
    async (ask) => {
      await breaks(ask({}), /UND_ERR_HEADERS_TIMEOUT/);
      const stop = new AbortController();
      const asking = ask({}, stop.signal);
      stop.abort();
      await assert.rejects(asking, (error) => isFault(error, "CANCELLED"));
    },
    { ca: cert, idleMs: 1500 },
  ));
