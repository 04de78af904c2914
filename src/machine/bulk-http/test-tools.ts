/** What the tests of the bulk transport share: raw servers that say exactly what a test wants, a client, and requests to them. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { isFault } from "../../core/errors.ts";
import { realWorld } from "../../core/world/index.ts";
import { BulkClient, type BulkClientOptions, type BulkRequest, type BulkResponse } from "./index.ts";

export const never: AbortSignal = new AbortController().signal;

export interface RawServer extends AsyncDisposable {
  readonly url: URL;
  /** Connections that were ever made. */
  readonly connections: () => number;
}

/** What a connection does; `number` counts connections from 1. */
export type Script = (socket: Socket, number: number) => void | Promise<void>;

export async function rawServer(script: Script): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    void script(socket, connections);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/path?secret=token`),
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Answers every request, as soon as its head is there, with these bytes. */
export const says =
  (...parts: readonly (string | Uint8Array)[]): Script =>
  (socket) => {
    socket.on("data", (data) => {
      if (data.includes("\r\n\r\n")) for (const part of parts) socket.write(part);
    });
  };

export async function withClient<T>(
  script: Script,
  run: (client: BulkClient, server: RawServer) => Promise<T>,
  options: BulkClientOptions = { connectMs: 2000, idleMs: 5000 },
): Promise<T> {
  await using server = await rawServer(script);
  await using client = new BulkClient(realWorld, options);
  return await run(client, server);
}

export function get(client: BulkClient, server: RawServer, into?: readonly Uint8Array[], signal: AbortSignal = never): Promise<BulkResponse> {
  return client.request({ method: "GET", url: server.url, headers: {}, ...(into && { into }) }, signal);
}

export function put(client: BulkClient, server: RawServer, body: readonly Uint8Array[], more: Partial<BulkRequest> = {}): Promise<BulkResponse> {
  return client.request({ method: "PUT", url: server.url, headers: {}, body, ...more }, never);
}

export async function breaks(work: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(isFault(error, "VOLUME_UNREACHABLE"), String(error));
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /secret/, "the query may carry a token");
    return true;
  });
}

/** Bytes in which every position is told from its neighbours. */
export function sample(bytes: number): Buffer {
  const period = Buffer.from(Array.from({ length: 251 }, (_, index) => index));
  return Buffer.alloc(bytes, period);
}

export function shared(bytes: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(bytes));
}
