/**
 * One request and its answer on one connection. It ends exactly once: with the answer, with a fault, or with CANCELLED; and from then
 * on no view of the caller is read or written, since whoever ends it early destroys the socket in the same turn.
 */
import type { Socket } from "node:net";
import { fault, HoldfastError } from "../../core/errors.ts";
import type { World } from "../../core/world/index.ts";
import { type Patience, SignsOfLife } from "../signs-of-life.ts";
import { type Piece, piecesOf } from "./body-pieces.ts";
import { markLaid } from "./laid.ts";
import { type BulkRequest, type BulkResponse, describe, isPayload } from "./message.ts";
import { bodyBytesOf, requestHead } from "./request-head.ts";
import { ResponseReader } from "./response-reader.ts";

/** How long `100 Continue` is waited for: servers that do not know it say nothing (RFC 9110, 10.1.1). */
const continueMs = 1000;

export class Exchange {
  readonly answer: Promise<BulkResponse>;
  readonly reader: ResponseReader;
  sentBytes = 0;
  readonly #request: BulkRequest;
  readonly #bodyBytes: number;
  readonly #socket: Socket;
  readonly #world: World;
  readonly #life: SignsOfLife;
  readonly #over = new AbortController();
  readonly #signal: AbortSignal;
  #wakeContinue: () => void = () => undefined;
  #resolve!: (answer: BulkResponse) => void;
  #reject!: (error: unknown) => void;

  constructor(socket: Socket, scratch: Buffer, request: BulkRequest, world: World, patience: Patience, signal: AbortSignal) {
    this.#socket = socket;
    this.#request = request;
    this.#world = world;
    this.#signal = signal;
    this.#bodyBytes = bodyBytesOf(request);
    this.#life = new SignsOfLife(world, patience, !socket.connecting);
    this.reader = new ResponseReader(request, scratch);
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get over(): boolean {
    return this.#over.signal.aborted;
  }

  /** All of the request is with the kernel. */
  get sent(): boolean {
    return this.sentBytes === this.#bodyBytes;
  }

  start(): void {
    this.#signal.addEventListener("abort", this.#cancel, { once: true });
    const head = requestHead(this.#request);
    void this.#send(head).catch((error: unknown) => this.fail("it cannot be sent", error));
    void this.#life.watch(
      () => !this.over,
      (problem) => this.fail(problem),
      this.#over.signal,
    );
  }

  connected(): void {
    this.#life.connect();
  }

  received(bytes: number): void {
    this.#life.sign();
    try {
      this.reader.received(bytes);
    } catch (error) {
      return this.fail(error instanceof HoldfastError ? error.message : "the answer cannot be read", error);
    }
    if (this.reader.continued) this.#wakeContinue();
    this.#settle();
  }

  /** The other side closed its half, or the connection broke. */
  closed(error: Error | undefined): void {
    if (this.over) return;
    if (error === undefined && this.reader.ended()) return this.#settle();
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    this.fail(!this.#life.connected ? `no connection (${code ?? "closed"})` : `the connection ${code ? `broke (${code})` : "was closed"}`, error);
  }

  fail(problem: string, cause?: unknown): void {
    this.#end(() => {
      const error = fault("VOLUME_UNREACHABLE", `${describe(this.#request)}: ${problem} after ${this.#progress()}`, {
        ...(cause !== undefined && { cause }),
        advice: `Check that ${this.#request.url.host} runs and can be reached from here.`,
      });
      this.#reject(markLaid(error, this.#laidBytes()));
    });
  }

  #laidBytes(): number {
    return this.#request.into && isPayload(this.reader.status ?? 0) ? this.reader.bodyBytes : 0;
  }

  #progress(): string {
    const sent = this.#bodyBytes > 0 ? `${this.sentBytes} of ${this.#bodyBytes} bytes were sent, and ` : "";
    return `${sent}${this.reader.bodyBytes} bytes of the answer's body came`;
  }

  readonly #cancel = (): void => {
    this.#end(() => this.#reject(fault("CANCELLED", `${describe(this.#request)} was cancelled`, { cause: this.#signal.reason })));
  };

  /** A refusal may come before all is sent; a success may not, since nobody can have stored what was not sent. */
  #settle(): void {
    const answer = this.reader.answer;
    if (answer && !this.sent && answer.status < 300) return this.fail(`the answer ${answer.status} came too early`);
    if (answer) this.#end(() => this.#resolve(answer));
  }

  #end(say: () => void): void {
    if (this.over) return;
    this.#over.abort();
    this.#signal.removeEventListener("abort", this.#cancel);
    this.#wakeContinue();
    if (!this.sent || !this.reader.reusable) this.#socket.destroy();
    say();
  }

  async #send(head: Buffer): Promise<void> {
    const pieces = piecesOf(this.#request.body ?? []);
    const asksFirst = this.#bodyBytes > 0 && Object.keys(this.#request.headers).some((name) => name.toLowerCase() === "expect");
    const first: Piece | undefined = asksFirst ? undefined : pieces.next().value || undefined;
    await this.#write([head, ...(first?.views ?? [])], first?.bytes ?? 0);
    if (asksFirst) await this.#continued();
    for (const { views, bytes } of pieces) {
      if (this.over) return;
      await this.#write(views, bytes);
    }
  }

  /** Resolves when the kernel has them. An error is told by the socket's own event. */
  #write(views: readonly Uint8Array[], bodyBytes: number): Promise<void> {
    return new Promise((resolve) => {
      const written = (error?: Error | null): void => {
        if (!error) {
          this.sentBytes += bodyBytes;
          this.#life.sign();
        }
        resolve();
      };
      this.#socket.cork();
      for (const [index, view] of views.entries()) this.#socket.write(view, index === views.length - 1 ? written : undefined);
      this.#socket.uncork();
    });
  }

  async #continued(): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wakeContinue = resolve;
    });
    if (this.reader.continued || this.over) return;
    await Promise.race([woken, this.#world.sleep(continueMs, this.#over.signal).catch(() => undefined)]);
  }
}
