import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesLaid } from "./index.ts";
import { get, says, withClient } from "./test-tools.ts";

const failureOf = async (answer: string, into: Uint8Array): Promise<unknown> =>
  withClient(
    (socket) => {
      says(answer)(socket, 1);
      socket.on("data", () => socket.end());
    },
    (client, server) => get(client, server, [into.subarray(0, 3), into.subarray(3)]).catch((error: unknown) => error),
  );

test("a fault tells how much of the body lies in the caller's memory", async () => {
  const into = Buffer.alloc(100);
  const error = await failureOf(`HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n${"x".repeat(40)}`, into);
  assert.ok(error instanceof Error);
  assert.equal(bytesLaid(error), 40);
  assert.equal(into.toString("latin1", 0, 41), `${"x".repeat(40)}\0`);
});

test("words about a refusal do not lie there, whatever came of them", async () => {
  const error = await failureOf("HTTP/1.1 403 Forbidden\r\ncontent-length: 100\r\n\r\nnot for you", Buffer.alloc(100));
  assert.ok(error instanceof Error);
  assert.equal(bytesLaid(error), 0);
  assert.equal(bytesLaid(new Error("of somebody else")), 0);
  assert.equal(bytesLaid(undefined), 0);
});
