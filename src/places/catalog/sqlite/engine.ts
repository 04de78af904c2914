/**
 * Two connections on one file. The writer serves one transaction at a time; the reader always sees the last committed state, also
 * while a transaction of this process is open.
 */
import { statSync } from "node:fs";
import { fault } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";
import { Turns } from "../turns.ts";
import { catalogFault } from "./faults.ts";
import type { LogSync } from "./log-sync.ts";
import { refuseOtherSchema } from "./migrations.ts";
import { untilFree } from "./retry.ts";
import type { Session } from "./session.ts";

/** How the roles reach a session: each piece of work is atomic. */
export interface Runner {
  read<T>(work: (session: Session) => T): Promise<T>;
  write<T>(work: (session: Session) => T): Promise<T>;
}

export interface EngineParts {
  readonly path: string;
  readonly world: World;
  readonly waitMs: number;
  readonly reader: Session;
  readonly writer: Session;
  readonly log: LogSync;
}

export class Engine implements Runner {
  readonly #parts: EngineParts;
  readonly #turns: Turns;
  readonly #file: string;
  #closed = false;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#turns = new Turns(parts.world, { waitMs: parts.waitMs });
    this.#file = fileIdentity(parts.path);
  }

  async read<T>(work: (session: Session) => T): Promise<T> {
    const { path, world, waitMs, reader } = this.#parts;
    return await untilFree(() => this.#snapshot(reader, work), path, world, waitMs);
  }

  async write<T>(work: (session: Session) => T): Promise<T> {
    return await this.#durably((session) => work(session));
  }

  async transaction<T>(work: (runner: Runner) => Promise<T>): Promise<T> {
    return await this.#durably(async (session) => {
      const inner = new Inner(session, this.#parts.path);
      try {
        return await work(inner);
      } finally {
        inner.end();
      }
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#turns.take();
    this.#closed = true;
    this.#turns.done();
    await this.#parts.log[Symbol.asyncDispose](); // SQLite removes the log when it closes
    this.#parts.reader.close();
    this.#parts.writer.close();
  }

  #snapshot<T>(session: Session, work: (session: Session) => T): T {
    this.#refuseUnusable();
    try {
      session.begin();
      const result = work(session);
      session.commit();
      return result;
    } catch (error) {
      session.rollback();
      throw error;
    }
  }

  async #alone<T>(work: (session: Session) => T | Promise<T>): Promise<T> {
    const { path, world, waitMs, writer } = this.#parts;
    await this.#turns.take();
    try {
      await untilFree(() => this.#begin(writer), path, world, waitMs);
      const result = await work(writer);
      if (!writer.inTransaction) throw fault("CATALOG_UNREACHABLE", `an error inside the transaction on catalog ${path} has undone it`);
      await untilFree(() => writer.commit(), path, world, waitMs);
      return result;
    } catch (error) {
      throw this.#undone(error);
    } finally {
      this.#turns.done();
    }
  }

  /** What is done in a transaction counts when it is on the disk; the next transaction need not wait for that. */
  async #durably<T>(work: (session: Session) => T | Promise<T>): Promise<T> {
    const result = await this.#alone(work);
    await this.#parts.log.synced();
    return result;
  }

  #begin(writer: Session): void {
    this.#refuseUnusable();
    this.#refuseReplaced();
    writer.begin();
    refuseOtherSchema(writer, this.#parts.path);
  }

  #undone(error: unknown): unknown {
    if (!this.#closed) this.#parts.writer.rollback();
    return catalogFault(error, this.#parts.path);
  }

  #refuseUnusable(): void {
    if (this.#closed) throw fault("CATALOG_UNREACHABLE", `catalog ${this.#parts.path} was closed`);
    this.#parts.log.refuseFailed();
  }

  /** What is written to a file without a name is lost with the process: never acknowledge it. */
  #refuseReplaced(): void {
    const { path } = this.#parts;
    if (fileIdentity(path) !== this.#file)
      throw fault("CATALOG_UNREACHABLE", `catalog ${path} was removed or replaced while it was open`, { advice: "Open the store again." });
  }
}

/** The runner that a transaction hands to its work; it is of no use after the end. */
class Inner implements Runner {
  readonly #session: Session;
  readonly #path: string;
  #ended = false;

  constructor(session: Session, path: string) {
    this.#session = session;
    this.#path = path;
  }

  async read<T>(work: (session: Session) => T): Promise<T> {
    return this.#run(() => work(this.#session));
  }

  async write<T>(work: (session: Session) => T): Promise<T> {
    return this.#run(() => this.#session.step(() => work(this.#session)));
  }

  end(): void {
    this.#ended = true;
  }

  #run<T>(work: () => T): T {
    if (this.#ended || !this.#session.inTransaction)
      throw fault("CATALOG_UNREACHABLE", "the transaction has ended", { advice: "Wait for every call inside `transaction` before its work returns." });
    try {
      return work();
    } catch (error) {
      throw catalogFault(error, this.#path);
    }
  }
}

function fileIdentity(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.dev}:${stat.ino}` : "none";
}
