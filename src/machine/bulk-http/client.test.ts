/** The client against real sockets: well-behaved servers, and such as no library would be. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { describe, test } from "node:test";
import { isFault } from "../../core/errors.ts";
import { MiB } from "../../core/units.ts";
import { realWorld } from "../../core/world/index.ts";
import { BulkClient } from "./index.ts";
import { breaks, get, never, put, rawServer, sample, says, shared, withClient } from "./test-tools.ts";

const ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const pause = (ms: number): Promise<void> => realWorld.sleep(ms, never);

/** Calls back with all that a connection sent, each time something came. */
function collecting(socket: Socket, seen: (all: Buffer) => void): void {
  const parts: Buffer[] = [];
  socket.on("data", (part) => {
    parts.push(part);
    seen(Buffer.concat(parts));
  });
}

describe("bulk: with a server that keeps to the rules", () => {
  test("what is put is got, from and into ordinary and shared memory, by length and in chunks", async () => {
    let stored = Buffer.alloc(0);
    const server = createServer(async (request, response) => {
      if (request.method === "PUT") {
        const parts: Buffer[] = [];
        for await (const part of request) parts.push(part as Buffer);
        stored = Buffer.concat(parts);
        assert.equal(request.headers["content-length"], String(stored.length));
        return response.writeHead(201).end();
      }
      if (request.url === "/chunks") for (let at = 0; at < stored.length; at += 77_777) response.write(stored.subarray(at, at + 77_777));
      else response.setHeader("content-length", stored.length).write(stored);
      return response.end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    await using client = new BulkClient(realWorld);
    const url = (path: string): URL => new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`);
    const bytes = sample(5 * MiB + 12_345);
    const source = shared(bytes.length);
    source.set(bytes);
    const body = [source.subarray(0, 3), bytes.subarray(3, 3), bytes.subarray(3, 2 * MiB), source.subarray(2 * MiB)];
    assert.equal((await client.request({ method: "PUT", url: url("plain"), headers: {}, body }, never)).status, 201);
    assert.ok(stored.equals(bytes));
    for (const path of ["plain", "chunks"]) {
      const into = [shared(1), Buffer.alloc(MiB), shared(bytes.length - MiB - 1)];
      const { bodyBytes } = await client.request({ method: "GET", url: url(path), headers: {}, into }, never);
      assert.equal(bodyBytes, bytes.length);
      assert.ok(Buffer.concat(into.map((view) => Buffer.from(view))).equals(bytes), path);
    }
    server.close();
    server.closeAllConnections();
  });

  test("thousands of small views are sent and filled", () =>
    withClient(
      (socket) =>
        collecting(
          socket,
          (all) => all.length > 10_000 && socket.write(Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 10000\r\n\r\n"), all.subarray(-10_000)])),
        ),
      async (client, server) => {
        const into = Array.from({ length: 2500 }, () => Buffer.alloc(4));
        const body = Array.from({ length: 5000 }, (_, index) => sample(10_000).subarray(index * 2, index * 2 + 2));
        assert.equal((await put(client, server, body, { into })).bodyBytes, 10_000);
        assert.ok(Buffer.concat(into).equals(sample(10_000)));
      },
    ));

  test("one connection carries many exchanges, a bounded number many at once", () =>
    withClient(
      says(ok),
      async (client, server) => {
        for (let turn = 0; turn < 20; turn++) assert.equal((await get(client, server)).text, "ok");
        assert.equal(server.connections(), 1);
        await Promise.all(Array.from({ length: 40 }, () => get(client, server)));
        assert.ok(server.connections() <= 3, `${server.connections()} connections`);
      },
      { connectionsMax: 3 },
    ));

  test("a name with several addresses, of which one answers", () =>
    withClient(says(ok), async (client, { url }) => {
      const named = new URL(url);
      named.hostname = "localhost";
      const into = Buffer.alloc(2);
      assert.equal((await client.request({ method: "GET", url: named, headers: {}, into: [into] }, never)).bodyBytes, 2);
      assert.equal(into.toString(), "ok");
    }));

  test("the request is what was asked for, and a header that would end its line early is refused", () =>
    withClient(
      (socket) => collecting(socket, (all) => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${all.length}\r\n\r\n${all}`)),
      async (client, server) => {
        const { text } = await client.request({ method: "GET", url: server.url, headers: { "X-One": "1" } }, never);
        assert.equal(text, `GET /path?secret=token HTTP/1.1\r\nhost: ${server.url.host}\r\naccept-encoding: identity\r\nx-one: 1\r\n\r\n`);
        for (const headers of [{ a: "b\r\nc: d" }, { "a b": "c" }, { "content-length": "5" }, { Host: "other" }, { a: "\u0100" }])
          await assert.rejects(client.request({ method: "GET", url: server.url, headers }, never), (error) => isFault(error, "ARGUMENT_INVALID"));
        assert.equal((await get(client, server)).status, 200);
      },
    ));
});

describe("bulk: with a server that does not", () => {
  test("a body that ends early says how far it came", () =>
    withClient(
      (socket) =>
        says("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n", sample(40))(socket, 0) ?? void socket.on("data", () => setTimeout(() => socket.end(), 50)),
      (client, server) => breaks(get(client, server, [Buffer.alloc(100)]), /closed after 40 bytes of the answer's body came/),
    ));

  test("a reset in the middle of a body says how far it came", () => {
    const [part, into] = [sample(40), Buffer.alloc(100)];
    return withClient(
      (socket) => {
        says("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n", part)(socket, 0);
        socket.on("data", async () => {
          while (!into.subarray(0, 40).equals(part)) await pause(1); // a reset overtakes what was not read yet
          socket.resetAndDestroy();
        });
      },
      (client, server) => breaks(get(client, server, [into]), /broke \(ECONNRESET\) after 40 bytes/),
    );
  });

  test("silence is not waited for for ever, and slow bytes are", () =>
    withClient(
      async (socket, number) => {
        socket.write("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 24\r\n\r\n");
        for (let turn = 0; turn < (number === 1 ? 24 : 3); turn++) {
          await pause(100);
          socket.write("x");
        }
      },
      async (client, server) => {
        assert.equal((await get(client, server, [Buffer.alloc(24)])).bodyBytes, 24); // 2400 ms in all
        await breaks(get(client, server, [Buffer.alloc(24)]), /nothing moved for 2000 ms after 3 bytes/);
      },
      { idleMs: 2000 },
    ));

  test("an upload that nobody takes is not waited for either", () =>
    withClient(
      (socket) => void socket.pause(),
      (client, server) => breaks(put(client, server, [Buffer.alloc(32 * MiB)]), /nothing moved for 300 ms after \d+ of 33554432 bytes were sent/),
      { idleMs: 300 },
    ));

  test("a refusal in the middle of an upload is the answer; a success there is a failure", async () => {
    const early =
      (head: string): Parameters<typeof withClient>[0] =>
      (socket) =>
        void socket.once("data", () => socket.pause().write(head));
    const body = [Buffer.alloc(64 * MiB)];
    await withClient(early("HTTP/1.1 403 No\r\ncontent-length: 3\r\n\r\nwhy"), async (client, server) => {
      const { status, text } = await put(client, server, body);
      assert.deepEqual([status, text], [403, "why"]);
      assert.equal((await put(client, server, body)).status, 403);
      assert.equal(server.connections(), 2, "a connection with half a request on it carries no other");
    });
    await withClient(early(ok), (client, server) => breaks(put(client, server, body), /the answer 200 came too early after \d+ of 67108864 bytes/));
  });

  test("a reset in the middle of an upload says how far it came", () =>
    withClient(
      (socket) => void socket.once("data", () => socket.resetAndDestroy()),
      (client, server) => breaks(put(client, server, [Buffer.alloc(64 * MiB)]), /broke \((?:ECONNRESET|EPIPE)\) after \d+ of 67108864 bytes were sent/),
    ));

  test("an unasked 100 Continue is passed over", () =>
    withClient(says("HTTP/1.1 100 Continue\r\n\r\n", ok), async (client, server) => assert.equal((await put(client, server, [sample(10)])).text, "ok")));

  test("with Expect the body waits for 100 Continue, for a while", async () => {
    const expecting = { headers: { Expect: "100-continue" } };
    const seen: string[] = [];
    const once100 = (socket: Socket): void =>
      collecting(socket, (all) => {
        seen.push(all.toString());
        if (all.toString().endsWith("\r\n\r\n")) socket.write("HTTP/1.1 100 Continue\r\n\r\n");
        if (all.toString().endsWith("body")) socket.write(ok);
      });
    await withClient(once100, async (client, server) => assert.equal((await put(client, server, [Buffer.from("body")], expecting)).status, 200));
    assert.ok(seen[0]?.endsWith("\r\n\r\n"), "the body did not wait");
    const silent = (socket: Socket): void => collecting(socket, (all) => void (all.toString().endsWith("body") && socket.write(ok)));
    await withClient(silent, async (client, server) => assert.equal((await put(client, server, [Buffer.from("body")], expecting)).status, 200));
  });

  test("with Expect a refusal spares the body", () => {
    let received = 0;
    const script = (socket: Socket): void =>
      collecting(socket, (all) => void ((received = all.length), socket.write("HTTP/1.1 307 Go\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n")));
    return withClient(script, async (client, server) => {
      const { status, headers } = await put(client, server, [Buffer.alloc(MiB)], { headers: { expect: "100-continue" } });
      assert.deepEqual([status, headers.get("location")], [307, "/x"]);
      assert.ok(received < 1000, `${received} bytes came`);
    });
  });

  test("an answer that is none is a failure", () =>
    withClient(says("SSH-2.0-server\r\n\r\n"), (client, server) => breaks(get(client, server), /not one of HTTP\/1\.1/)));

  test("nobody at the address", async () => {
    await using client = new BulkClient(realWorld);
    const { url } = await rawServer(() => undefined).then(async (server) => {
      await server[Symbol.asyncDispose]();
      return server;
    });
    await breaks(client.request({ method: "GET", url, headers: {} }, never), /no connection \(ECONNREFUSED\)/);
  });

  test("bytes on an idle connection end it, and the next exchange has another", () => {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    return withClient(
      (socket, number) => {
        says(ok)(socket, number);
        if (number > 1) return;
        socket.on("data", () => setTimeout(() => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwrong"), 50));
        socket.on("close", () => end());
      },
      async (client, server) => {
        assert.equal((await get(client, server)).text, "ok");
        await ended;
        assert.equal((await get(client, server)).text, "ok");
        assert.equal(server.connections(), 2);
      },
    );
  });
});

describe("bulk: a kept connection that the other side gave up", () => {
  /** The first connection answers once, and is closed as soon as a second request is on its way. */
  const givesUp = (socket: Socket, number: number): void => {
    let requests = 0;
    socket.on("data", () => (number === 1 && ++requests === 2 ? socket.resetAndDestroy() : socket.write(ok)));
  };

  test("is tried again once for what may be sent twice", () =>
    withClient(givesUp, async (client, server) => {
      await get(client, server);
      assert.equal((await put(client, server, [sample(10)])).text, "ok");
      assert.equal(server.connections(), 2);
    }));

  test("is an error for what may not", async () => {
    for (const more of [{ method: "POST" }, { headers: { "If-None-Match": "*" } }])
      await withClient(givesUp, async (client, server) => {
        await get(client, server);
        await breaks(put(client, server, [sample(10)], more), /broke/);
      });
  });

  test("is an error when the new one breaks as well, and when an answer had begun", async () => {
    const always = (socket: Socket, number: number): void => {
      let requests = 0;
      socket.on("data", () => (number > 1 || ++requests === 2 ? socket.resetAndDestroy() : socket.write(ok)));
    };
    await withClient(always, async (client, server) => {
      await get(client, server);
      await breaks(get(client, server), /broke/);
      assert.equal(server.connections(), 2);
    });
    const begins = (socket: Socket): void => {
      let requests = 0;
      socket.on("data", () => (++requests === 2 ? socket.end("HTTP/1.1 20") : socket.write(ok)));
    };
    await withClient(begins, async (client, server) => {
      await get(client, server);
      await breaks(get(client, server), /closed/);
      assert.equal(server.connections(), 1);
    });
  });
});

describe("bulk: cancelled", () => {
  const cancelled = (work: Promise<unknown>): Promise<void> => assert.rejects(work, (error) => isFault(error, "CANCELLED"));

  test("before it starts, and while it waits for a connection", () =>
    withClient(
      (socket) => void socket.resume(),
      async (client, server) => {
        await cancelled(get(client, server, undefined, AbortSignal.abort()));
        const [first, second] = [new AbortController(), new AbortController()];
        const both = [get(client, server, undefined, first.signal), get(client, server, undefined, second.signal)];
        second.abort();
        await cancelled(both[1] as Promise<unknown>);
        first.abort();
        await cancelled(both[0] as Promise<unknown>);
      },
      { connectionsMax: 1 },
    ));

  test("in the middle of a body: nothing is written into the views any more, and the socket is closed", async () => {
    let closed = false;
    const flood = (socket: Socket): void => {
      socket.on("close", () => (closed = true));
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${64 * MiB}\r\n\r\n`);
      const more = (): void => void (socket.destroyed || socket.write(Buffer.alloc(MiB, 1), more));
      more();
    };
    await withClient(flood, async (client, server) => {
      const into = shared(64 * MiB);
      const stop = new AbortController();
      const getting = get(client, server, [into], stop.signal);
      while (into[MiB] === 0) await pause(1);
      stop.abort();
      await cancelled(getting);
      into.fill(0);
      await pause(100);
      assert.ok(closed);
      assert.equal(Buffer.from(into.buffer).compare(Buffer.alloc(into.length)), 0);
    });
  });

  test("in the middle of an upload", () =>
    withClient(
      (socket) => void socket.pause(),
      async (client, server) => {
        const stop = new AbortController();
        const putting = client.request({ method: "PUT", url: server.url, headers: {}, body: [Buffer.alloc(64 * MiB)] }, stop.signal);
        await pause(50);
        stop.abort();
        await cancelled(putting);
      },
    ));

  test("by closing the client", () =>
    withClient(
      (socket) => void socket.resume(),
      async (client, server) => {
        const getting = get(client, server);
        const outcome = assert.rejects(getting, (error) => isFault(error));
        await pause(20);
        await client[Symbol.asyncDispose]();
        await outcome;
        await cancelled(get(client, server));
      },
    ));
});
