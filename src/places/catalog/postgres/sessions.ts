/** The connections of one process to one catalog: made when they are needed, kept, and never more than the place allows. */
import { fault } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";
import { Turns } from "../turns.ts";
import type { Session } from "./session.ts";

export interface SessionsOptions {
  readonly world: World;
  readonly waitMs: number;
  readonly count: number;
  readonly connect: () => Promise<Session>;
}

export class Sessions implements AsyncDisposable {
  readonly #options: SessionsOptions;
  readonly #turns: Turns;
  readonly #idle: Session[] = [];
  #closed = false;

  constructor(options: SessionsOptions) {
    const { world, waitMs, count } = options;
    this.#options = options;
    const late = () => fault("CATALOG_UNREACHABLE", `all ${count} connections to the catalog have been busy for ${waitMs} ms`);
    this.#turns = new Turns(world, { waitMs, places: count, late });
  }

  /** Takes over one that was made before. */
  add(session: Session): void {
    this.#idle.push(session);
  }

  /** Lends a session to `work`; what is lost is not lent again. Throws what connecting throws. */
  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    await this.#turns.take();
    try {
      const session = await this.#lend();
      try {
        return await work(session);
      } finally {
        if (!session.lost) this.#idle.push(session);
      }
    } finally {
      this.#turns.done();
    }
  }

  async #lend(): Promise<Session> {
    if (this.#closed) throw closed();
    for (let session = this.#idle.pop(); session; session = this.#idle.pop()) if (!session.lost) return session;
    return this.#options.connect();
  }

  /** Lets work that goes on end, and takes none any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (let place = 0; place < this.#options.count; place++) await this.#turns.take().catch(() => undefined);
    await Promise.all(this.#idle.splice(0).map((session) => session.close()));
    for (let place = 0; place < this.#options.count; place++) this.#turns.done();
  }
}

export function closed() {
  return fault("CATALOG_UNREACHABLE", "the catalog was closed");
}
