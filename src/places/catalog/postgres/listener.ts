/**
 * Word that a ref moved, from a connection that does nothing else. It is opened for the first who waits. A word may be lost, with the connection or before there
 * was one: so nobody waits for one for long.
 */
import type { World } from "../../../core/world/index.ts";
import type { Session } from "./session.ts";

export interface ListenerOptions {
  readonly world: World;
  readonly connect: () => Promise<Session>;
  /** Of the catalog that is listened to. */
  readonly incarnation: string;
}

/** How long to wait where nothing is heard: with a connection that listens, and without one. */
const quietMs = 5000;
const deafMs = 500;

export class Listener implements AsyncDisposable {
  readonly #options: ListenerOptions;
  readonly #waiting = new Set<() => void>();
  #session: Session | undefined;
  #connecting: Promise<void> | undefined;
  #closed = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Resolves at the next word, or after a while. Throws CANCELLED. */
  async heard(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    const over = new AbortController();
    try {
      this.#connect();
      const waitMs = this.#listens ? quietMs : deafMs;
      await Promise.race([promise, this.#options.world.sleep(waitMs, AbortSignal.any([signal, over.signal]))]);
    } finally {
      over.abort();
      this.#waiting.delete(resolve);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#connecting;
    await this.#session?.close();
  }

  get #listens(): boolean {
    return this.#session !== undefined && !this.#session.lost;
  }

  /** In the background: nobody who waits for a word should have to wait for a database. */
  #connect(): void {
    if (this.#closed || this.#listens) return;
    this.#connecting ??= this.#listen()
      .catch(() => undefined)
      .finally(() => (this.#connecting = undefined));
  }

  /** What was said before it listened is lost, so whoever waits looks once more. */
  async #listen(): Promise<void> {
    const session = await this.#options.connect();
    this.#session = session;
    session.client.on("notification", () => this.#wake());
    session.client.on("end", () => this.#wake());
    await session.script(`LISTEN "holdfast_${this.#options.incarnation}"`);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
  }
}
