/**
 * Makes committed transactions durable away from the event loop: SQLite itself would sync its log within COMMIT, with the loop standing
 * still for milliseconds of disk. Transactions that end while a sync runs share the next one.
 */
import { type FileHandle, open } from "node:fs/promises";
import { fault, type HoldfastError } from "../../../core/errors.ts";

export interface Log extends AsyncDisposable {
  sync(): Promise<void>;
}

export class LogSync implements AsyncDisposable {
  readonly #path: string;
  readonly #log: Log;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #failure: HoldfastError | undefined;

  /** `path` is what faults name. */
  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  /** Resolves when all that was committed before the call is on the disk. Throws CATALOG_UNREACHABLE, then and ever after, when a sync failed. */
  synced(): Promise<void> {
    this.#next ??= this.#running.then(() => this.#start());
    return this.#next;
  }

  /**
   * After a failed sync the kernel may have dropped what it could not write, and report success the next time: what the catalog
   * shows from then on may be lost, so that nothing may be built on it.
   */
  refuseFailed(): void {
    if (this.#failure) throw this.#failure;
  }

  /** One that runs may have begun before the commit; so a commit waits for the next. */
  #start(): Promise<void> {
    this.#next = undefined;
    this.refuseFailed();
    const run = this.#log.sync().catch((error: unknown) => {
      throw (this.#failure ??= failed(this.#path, error));
    });
    this.#running = run.catch(() => {});
    return run;
  }

  /** Those that wait for a sync get it first. */
  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#next ?? this.#running).catch(() => {});
    await this.#log[Symbol.asyncDispose]();
  }
}

/** The log of a database, opened when it is first needed: SQLite makes it. */
export class LogFile implements Log {
  readonly #path: string;
  #handle: Promise<FileHandle> | undefined;

  constructor(databasePath: string) {
    this.#path = `${databasePath}-wal`;
  }

  async sync(): Promise<void> {
    this.#handle ??= open(this.#path, "r+");
    await (await this.#handle).datasync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const handle = await this.#handle?.catch(() => undefined);
    await handle?.close();
  }
}

function failed(path: string, cause: unknown): HoldfastError {
  return fault("CATALOG_UNREACHABLE", `catalog ${path} could not be made durable`, {
    cause,
    advice: "Check the disk that holds it, then open the store again and look whether the last change is there.",
  });
}
