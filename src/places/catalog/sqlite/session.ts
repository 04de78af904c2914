/**
 * One connection with its prepared statements, which are kept (preparing takes several times as long as running), and the
 * catalog's clock as this connection sees it.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { World } from "../../../core/world/index.ts";

/** SQLite sleeps this long by itself for a lock, with the event loop standing still; longer waits are the caller's, asleep in timers. */
const lockWaitMs = 5;
const pageCacheKiB = 32 * 1024;

export type SessionUse = "read" | "write";

export class Session {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #world: World;
  readonly #use: SessionUse;
  #now: number | undefined;

  constructor(path: string, world: World, use: SessionUse) {
    this.#database = new DatabaseSync(path, { timeout: lockWaitMs });
    this.#world = world;
    this.#use = use;
  }

  /** Settings of a connection; those of the file (its journal) are made by migrations.ts. */
  configure(): void {
    this.exec(`PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -${pageCacheKiB};`);
    if (this.#use === "read") this.exec("PRAGMA query_only = ON");
  }

  /** From here on a commit only writes the log, and its caller syncs it (log-sync.ts). SQLite still syncs the log before it goes into the file. */
  leaveSyncing(): void {
    this.exec("PRAGMA synchronous = NORMAL");
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  /** The number of rows changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  #statement(sql: string): StatementSync {
    const kept = this.#statements.get(sql);
    if (kept) return kept;
    const made = this.#database.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }

  /**
   * Milliseconds of the catalog's clock: the wall clock, but never earlier than what the catalog has stored. The same in all of a
   * transaction, so that a version and the ref move that shows it carry one time.
   */
  now(): number {
    if (this.#now !== undefined) return this.#now;
    const stored = this.get<{ clock: number }>("SELECT clock FROM meta")?.clock ?? 0;
    this.#now = Math.max(Math.floor(this.#world.now()), stored);
    if (this.#use === "write" && this.#now > stored) this.run("UPDATE meta SET clock = ?", this.#now);
    return this.#now;
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  begin(): void {
    this.run(this.#use === "write" ? "BEGIN IMMEDIATE" : "BEGIN");
    this.#now = undefined;
  }

  commit(): void {
    this.run("COMMIT");
  }

  /** SQLite ends a transaction by itself after some errors. */
  rollback(): void {
    if (this.inTransaction) this.run("ROLLBACK");
  }

  /** Runs `work` so that nothing of it stays when it throws, inside the open transaction. */
  step<T>(work: () => T): T {
    this.run("SAVEPOINT step");
    try {
      const result = work();
      this.run("RELEASE step");
      return result;
    } catch (error) {
      if (this.inTransaction) this.exec("ROLLBACK TO step; RELEASE step");
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }
}
