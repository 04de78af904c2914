/**
 * A connection on which commands are sent without waiting for the replies of those before. Values are received at their place: the socket
 * asks for memory before each read, and is given the next part of what is awaited. A socket of TLS cannot be told so, and its bytes are copied.
 *
 * When a command is over, however it ended, none of its views is read or written any more: whoever ends it early ends the connection.
 */
import { connect, type Socket } from "node:net";
import { connect as secureConnect } from "node:tls";
import { fault, HoldfastError } from "../../core/errors.ts";
import type { World } from "../../core/world/index.ts";
import { type Patience, SignsOfLife } from "../signs-of-life.ts";
import { bytesOfCommand, type Command, lengthOfViews } from "./command.ts";
import { malformed, Refusal, type Reply, ReplyReader } from "./reply-reader.ts";

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** Undefined where the server asks for none. */
  readonly password: string | undefined;
  readonly user: string | undefined;
}

interface Pending {
  readonly command: Command;
  readonly bytes: number;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

export class RespConnection {
  readonly #address: RedisAddress;
  readonly #life: SignsOfLife;
  readonly #gone: (connection: RespConnection) => void;
  readonly #said: ((message: readonly Reply[]) => void) | undefined;
  readonly #socket: Socket;
  readonly #reader: ReplyReader;
  readonly #over = new AbortController();
  #pending: Pending[] = [];
  /** Of commands under way, sent and awaited. */
  outstandingBytes = 0;

  /** `gone` is called once, when it ends; `said` with each message of a channel, which come between replies. Without it a message is no answer. */
  constructor(address: RedisAddress, world: World, patience: Patience, gone: (connection: RespConnection) => void, said?: (message: readonly Reply[]) => void) {
    this.#address = address;
    this.#life = new SignsOfLife(world, patience, false);
    this.#gone = gone;
    this.#said = said;
    this.#reader = new ReplyReader(
      () => this.#awaited(),
      (reply) => this.#settle(reply),
    );
    this.#socket = this.#open();
    this.#socket.on("error", (error) => this.#fail(`the connection broke (${(error as NodeJS.ErrnoException).code ?? error.message})`, error));
    this.#socket.on("close", () => this.#fail("the connection was closed"));
    this.#authenticate();
  }

  get usable(): boolean {
    return !this.#over.signal.aborted;
  }

  /** Resolves with the reply, also when it is a refusal. Throws CACHE_UNREACHABLE, ACCESS_DENIED. */
  send(command: Command): Promise<Reply> {
    if (!this.usable) return Promise.reject(this.#fault("the connection has ended"));
    return new Promise((resolve, reject) => {
      const pieces = bytesOfCommand(command);
      const bytes = lengthOfViews(pieces) + lengthOfViews(command.into ?? []);
      this.outstandingBytes += bytes;
      this.#pending.push({ command, bytes, resolve, reject });
      if (this.#pending.length === 1) this.#begin();
      this.#write(pieces);
    });
  }

  close(): void {
    this.#fail("the connection was closed here");
  }

  #open(): Socket {
    const { host, port, secure } = this.#address;
    const connected = (): void => this.#life.connect();
    if (secure) return secureConnect({ host, port, servername: host }, connected).on("data", (bytes) => this.#copied(bytes));
    const onread = { buffer: () => this.#reader.room(), callback: (bytes: number) => this.#received(bytes) };
    // The type asks for a Buffer where the socket takes any bytes.
    return connect({ host, port, noDelay: true, onread: onread as { buffer: () => Buffer; callback: (bytes: number) => boolean } }, connected);
  }

  #authenticate(): void {
    const { user, password } = this.#address;
    if (password === undefined) return;
    const words = ["AUTH", ...(user === undefined ? [] : [user]), password];
    this.send({ words }).then(
      (reply) => reply instanceof Refusal && this.#end(fault("ACCESS_DENIED", `${this.#name} refuses the password: ${reply.text}`)),
      () => undefined,
    );
  }

  get #name(): string {
    return `Redis at ${this.#address.host}:${this.#address.port}`;
  }

  #head(): Pending {
    const [head] = this.#pending;
    if (!head) throw malformed("nothing was asked");
    return head;
  }

  /** Who subscribed is told something without having asked. */
  #awaited(): readonly Uint8Array[] | undefined {
    return this.#said && this.#pending.length === 0 ? undefined : this.#head().command.into;
  }

  #begin(): void {
    this.#life.sign();
    this.#socket.ref();
    void this.#life.watch(
      () => this.#pending.length > 0,
      (problem) => this.#fail(problem),
      this.#over.signal,
    );
  }

  #write(pieces: readonly Uint8Array[]): void {
    this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece, () => this.#life.sign());
    process.nextTick(() => this.#socket.uncork());
  }

  #received(bytes: number): boolean {
    if (!this.usable) return false;
    this.#life.sign();
    try {
      this.#reader.received(bytes);
    } catch (error) {
      this.#fail(error instanceof HoldfastError ? error.message : "the answer cannot be read", error);
    }
    return true;
  }

  #copied(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.byteLength && this.usable; ) {
      const room = this.#reader.room();
      const part = bytes.subarray(at, at + room.byteLength);
      room.set(part);
      this.#received(part.byteLength);
      at += part.byteLength;
    }
  }

  #settle(reply: Reply): void {
    if (this.#said && isMessage(reply)) return this.#said(reply);
    const { resolve, bytes } = this.#head();
    this.#pending.shift();
    this.outstandingBytes -= bytes;
    if (this.#pending.length === 0) this.#socket.unref();
    resolve(reply);
  }

  #fail(problem: string, cause?: unknown): void {
    this.#end(this.#fault(problem, cause));
  }

  #fault(problem: string, cause?: unknown): HoldfastError {
    return fault("CACHE_UNREACHABLE", `${this.#name}: ${problem}`, { cause, advice: "Check that the server runs and can be reached from here." });
  }

  #end(error: HoldfastError): void {
    if (!this.usable) return;
    this.#over.abort();
    this.#socket.destroy();
    const pending = this.#pending;
    this.#pending = [];
    this.outstandingBytes = 0;
    for (const { reject } of pending) reject(error);
    this.#gone(this);
  }
}

/** `["message", channel, text]` (https://redis.io/docs/latest/develop/pubsub). */
function isMessage(reply: Reply): reply is readonly Reply[] {
  return Array.isArray(reply) && reply[0] === "message";
}
