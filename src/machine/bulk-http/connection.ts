/**
 * A keep-alive connection whose bytes are received at their final place: the socket asks for memory before each read, and is given the
 * next part of the destination. It asks before the first exchange, after the last one and after `pause()` too, so there is always a scratch to give.
 */
import { connect, type Socket } from "node:net";
import type { World } from "../../core/world/index.ts";
import type { Patience } from "../signs-of-life.ts";
import { Exchange } from "./exchange.ts";
import type { BulkRequest, BulkResponse } from "./message.ts";
import { scratchBytes } from "./response-reader.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

export class Connection {
  /** World.ticks at the end of the last exchange. */
  idleSince = 0;
  readonly #socket: Socket;
  readonly #scratch = Buffer.allocUnsafeSlow(scratchBytes);
  readonly #world: World;
  readonly #patience: Patience;
  readonly #gone: (connection: Connection) => void;
  #current: Exchange | undefined;
  #exchanges = 0;
  #closedUnanswered = false;
  #error: Error | undefined;

  /** `gone` is called when it ends, at once or later, used or idle. */
  constructor({ host, port }: Address, world: World, patience: Patience, gone: (connection: Connection) => void) {
    this.#world = world;
    this.#patience = patience;
    this.#gone = gone;
    const onread = { buffer: () => this.#room(), callback: (bytes: number) => this.#received(bytes) };
    // The type asks for a Buffer where the socket takes any bytes.
    this.#socket = connect({ host, port, noDelay: true, onread: onread as { buffer: () => Buffer; callback: (bytes: number) => boolean } });
    this.#socket.on("connect", () => this.#current?.connected());
    this.#socket.on("error", (error) => this.#ended(error));
    this.#socket.on("end", () => this.#ended(undefined));
    this.#socket.on("close", () => this.#ended(this.#error));
  }

  /** Whether another exchange may be tried on it. */
  get usable(): boolean {
    return this.#current === undefined && !this.#socket.destroyed && this.#error === undefined && !this.#socket.readableEnded;
  }

  /** The last exchange failed as it does when the other side gave up an idle connection at the moment of the request. */
  get closedUnanswered(): boolean {
    return this.#closedUnanswered;
  }

  async exchange(request: BulkRequest, signal: AbortSignal): Promise<BulkResponse> {
    const exchange = new Exchange(this.#socket, this.#scratch, request, this.#world, this.#patience, signal);
    this.#current = exchange;
    this.#exchanges++;
    this.#socket.ref();
    try {
      exchange.start();
      return await exchange.answer;
    } finally {
      this.#current = undefined;
      this.idleSince = this.#world.ticks();
      this.#socket.unref();
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #room(): Uint8Array {
    return this.#current && !this.#current.over ? this.#current.reader.room() : this.#scratch;
  }

  /** Bytes that nobody asked for make the connection useless. */
  #received(bytes: number): boolean {
    if (this.#current && !this.#current.over) this.#current.received(bytes);
    else this.#socket.destroy();
    return true;
  }

  #ended(error: Error | undefined): void {
    this.#error ??= error;
    const exchange = this.#current;
    if (exchange && !exchange.over) {
      this.#closedUnanswered = this.#exchanges > 1 && exchange.reader.receivedBytes === 0;
      exchange.closed(this.#error);
    }
    this.#socket.destroy();
    this.#gone(this);
  }
}
