import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { isFault } from "../../core/errors.ts";
import { realWorld } from "../../core/world/index.ts";
import { landed, type RedisAddress, Refusal, RespConnection } from "./index.ts";

/** A server that does what the script says with each connection, and a connection to it. */
async function against(script: (socket: Socket) => void, run: (connection: RespConnection, address: RedisAddress) => Promise<void>): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    script(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address: RedisAddress = { host: "127.0.0.1", port: (server.address() as AddressInfo).port, secure: false, password: undefined, user: undefined };
  const connection = connectTo(address);
  try {
    await run(connection, address);
  } finally {
    connection.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

/** Of a server that says nothing; all else takes as long as it takes. */
const shortIdleMs = 200;

function connectTo(address: RedisAddress, idleMs = 20_000, gone: () => void = () => {}): RespConnection {
  return new RespConnection(address, realWorld, { connectMs: 20_000, idleMs }, gone);
}

const unanswered = (error: unknown): boolean => isFault(error, "CACHE_UNREACHABLE");

test("replies come to those who asked, in order, and values land at their place", async () => {
  const body = Buffer.alloc(300_000, "abc");
  const script = (socket: Socket): void => {
    socket.once("data", () => {
      socket.write(`+OK\r\n$${body.length}\r\n`);
      socket.write(body);
      socket.write("\r\n-ERR no\r\n");
    });
  };
  await against(script, async (connection) => {
    const into = [new Uint8Array(64), new Uint8Array(body.length - 64)];
    const [first, second, third] = await Promise.all([
      connection.send({ words: ["A"] }),
      connection.send({ words: ["B"], into }),
      connection.send({ words: ["C"] }),
    ]);
    assert.deepEqual([first, second], ["OK", landed]);
    assert.ok(third instanceof Refusal && third.code === "ERR");
    assert.ok(Buffer.concat(into).equals(body));
    assert.equal(connection.outstandingBytes, 0);
  });
});

test("a server that says nothing is given up, with everything that waits for it", async () => {
  await against(
    () => {},
    async (_, address) => {
      const connection = connectTo(address, shortIdleMs);
      const both = await Promise.allSettled([connection.send({ words: ["A"] }), connection.send({ words: ["B"] })]);
      for (const one of both) assert.ok(one.status === "rejected" && unanswered(one.reason) && /nothing moved/.test(one.reason.message));
      await assert.rejects(connection.send({ words: ["C"] }), unanswered);
      connection.close();
    },
  );
});

test("a value that is cut short is no value, and nothing more lands", async () => {
  const into = [new Uint8Array(1000)];
  const script = (socket: Socket): void => void socket.once("data", () => socket.end("$1000\r\nhalf"));
  await against(script, async (connection) => {
    await assert.rejects(connection.send({ words: ["A"], into }), unanswered);
    assert.equal(connection.usable, false);
  });
});

test("bytes that nobody asked for end the connection", async () => {
  await against(
    (socket) => void socket.write("+HELLO\r\n"),
    async (_, address) => {
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      const connection = connectTo(address, undefined, end);
      await ended;
      assert.equal(connection.usable, false);
    },
  );
});

test("a password is given first, and a refused one is told as that", async () => {
  const script = (socket: Socket): void => void socket.on("data", (data) => socket.write(data.includes("ann") ? "-WRONGPASS invalid\r\n" : "+OK\r\n"));
  await against(script, async (_, address) => {
    const connection = connectTo({ ...address, user: "ann", password: "x" });
    await assert.rejects(
      Promise.all([connection.send({ words: ["GET", "a"] }), connection.send({ words: ["GET", "b"] })]),
      (error) => isFault(error, "ACCESS_DENIED") && !error.message.includes("x\r\n"),
    );
    connection.close();
  });
});

test("where nobody listens it says so", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  const connection = connectTo({ host: "127.0.0.1", port, secure: false, password: undefined, user: undefined });
  await assert.rejects(connection.send({ words: ["PING"] }), (error) => isFault(error, "CACHE_UNREACHABLE") && /ECONNREFUSED/.test(error.message));
});
