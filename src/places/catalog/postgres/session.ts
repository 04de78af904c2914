/**
 * One connection with its prepared statements, and the catalog's clock as it sees it. A session is used by one piece of work at a time; once it
 * is lost it stays so, and whoever needs one gets another.
 */
import { type Client, type QueryConfig, type QueryResult, types } from "pg";
import type { World } from "../../../core/world/index.ts";
import { type Interrupted, interruptionOf, isInterrupted } from "./faults.ts";

export type Value = string | number | boolean | null | Uint8Array | readonly (string | number | boolean | null | Uint8Array)[];

/** Whose clock the catalog goes by: the database's, or the world's, for tests and simulations that steer it. */
export type Clock = "database" | "world";

const int8 = 20;
/** Numbers of rows, bytes and milliseconds are below 2^53: the schema holds nothing else. */
export const typeParsers = {
  getTypeParser: (oid: number, format?: "text" | "binary") => (oid === int8 ? Number : types.getTypeParser(oid, format as "text")),
};

/** How long the server works on one statement, waits for locks included. */
export interface StatementLimits {
  readonly shortMs: number;
  /** One that walks the whole store. */
  readonly longMs: number;
}

/** When the server has said nothing for so much longer than it may take, it is the connection that is dead: nobody tells that of a host without power. */
const answerSlack = 1.1;

const closeWaitMs = 1000;

/** Names of prepared statements, the same in every session: statements are constants, so there are as many as the sources have. */
const names = new Map<string, string>();

function nameOf(sql: string): string {
  const known = names.get(sql);
  if (known !== undefined) return known;
  const name = `s${names.size}`;
  names.set(sql, name);
  return name;
}

export class Session {
  readonly client: Client;
  readonly #world: World;
  readonly #clock: Clock;
  readonly #limits: StatementLimits;
  #now: number | undefined;
  #stepped = false;
  #statementMs: number;
  #lost = false;
  #trouble: Interrupted | undefined;

  constructor(client: Client, { world, clock, limits }: { readonly world: World; readonly clock: Clock; readonly limits: StatementLimits }) {
    this.client = client;
    this.#world = world;
    this.#clock = clock;
    this.#limits = limits;
    this.#statementMs = limits.shortMs;
    client.on("error", () => this.#lose());
    client.on("end", () => (this.#lost = true));
  }

  /** The connection is gone. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Why the open transaction can only run again: the error that ended it for no fault of its own. */
  get trouble(): Interrupted | undefined {
    return this.#trouble;
  }

  async get<Row>(sql: string, ...values: Value[]): Promise<Row | undefined> {
    return (await this.all<Row>(sql, ...values))[0];
  }

  async all<Row>(sql: string, ...values: Value[]): Promise<Row[]> {
    return (await this.#prepared(sql, values)).rows as Row[];
  }

  /** The number of rows changed. */
  async run(sql: string, ...values: Value[]): Promise<number> {
    return (await this.#prepared(sql, values)).rowCount ?? 0;
  }

  /** Several statements in one message, without values. A result for each. */
  async script(sql: string): Promise<readonly QueryResult[]> {
    const results: QueryResult | QueryResult[] = await this.#ask(() => this.client.query(this.#bounded({ text: sql })));
    return Array.isArray(results) ? results : [results];
  }

  /** Gives the statements of `work` the time that a walk over the whole store may take. */
  async long<T>(work: () => Promise<T>): Promise<T> {
    const { shortMs, longMs } = this.#limits;
    await this.script(`SET statement_timeout = ${longMs}`);
    this.#statementMs = longMs;
    try {
      return await work();
    } finally {
      this.#statementMs = shortMs;
      // In a transaction that failed this is refused, and its end takes the setting back.
      if (!this.#lost) await this.script(`SET statement_timeout = ${shortMs}`).catch(() => undefined);
    }
  }

  /**
   * Milliseconds of the catalog's clock, which never goes back: the database's, but not earlier than what the catalog has stored. The same in all
   * of a transaction, so that a version and the ref move that shows it carry one time.
   */
  async now(): Promise<number> {
    return this.#now ?? ((await this.script(this.#nowQuery()))[0]?.rows[0]?.now as number);
  }

  /**
   * Opens a transaction that is alone among writers: it holds the one row of the catalog. READ COMMITTED is enough then, since whatever is read
   * after the lock is what the last writer left. Returns the number of the schema, undefined where the row is gone.
   */
  async begin(): Promise<number | undefined> {
    this.#trouble = undefined;
    this.#stepped = false;
    const [, locked, time] = await this.script(
      `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT schema FROM holdfast_catalog FOR UPDATE; ${this.#nowQuery()}`,
    );
    this.#now = time?.rows[0]?.now as number | undefined;
    return locked?.rows[0]?.schema as number | undefined;
  }

  /** Runs `last` and commits, in one message. False when the transaction was undone before, which the server then says by another word. */
  async commit(last = ""): Promise<boolean> {
    const results = await this.script(`${last}COMMIT`);
    this.#now = undefined;
    return results.at(-1)?.command === "COMMIT";
  }

  /** The session is ready for other work, or lost. */
  async rollback(): Promise<void> {
    this.#now = undefined;
    if (this.#lost) return;
    try {
      await this.script("ROLLBACK");
    } catch {
      this.#lose();
    }
  }

  /** Runs `work` so that nothing of it stays when it throws, inside the open transaction. */
  async step<T>(work: () => Promise<T>): Promise<T> {
    await this.script(this.#stepped ? "RELEASE SAVEPOINT step; SAVEPOINT step" : "SAVEPOINT step");
    this.#stepped = true;
    try {
      return await work();
    } catch (error) {
      if (!this.#lost) await this.script("ROLLBACK TO SAVEPOINT step");
      throw error;
    }
  }

  /** Ends the connection. Does not wait for a server that does not answer. */
  async close(): Promise<void> {
    this.#lost = true;
    const timer = new AbortController();
    const late = this.#world.sleep(closeWaitMs, timer.signal).catch(() => undefined);
    await Promise.race([this.client.end().catch(() => undefined), late]);
    timer.abort();
  }

  #nowQuery(): string {
    const clock = this.#clock === "world" ? String(Math.floor(this.#world.now())) : "floor(extract(epoch FROM clock_timestamp()) * 1000)";
    return `SELECT greatest(clock, (${clock})::bigint) AS now FROM holdfast_catalog`;
  }

  #prepared(sql: string, values: readonly Value[]): Promise<QueryResult> {
    return this.#ask(() => this.client.query(this.#bounded({ name: nameOf(sql), text: sql, values: values.map(sendable) })));
  }

  #bounded<T extends QueryConfig>(query: T): T & { query_timeout: number } {
    return { ...query, query_timeout: this.#statementMs * answerSlack };
  }

  async #ask<T extends QueryResult | QueryResult[]>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (raw) {
      const error = interruptionOf(raw);
      if (isInterrupted(error)) {
        this.#trouble ??= error;
        if (error.lost) this.#lose();
      }
      throw error;
    }
  }

  #lose(): void {
    if (this.#lost) return;
    this.#lost = true;
    this.client.end().catch(() => undefined);
  }
}

/** The client knows bytes by their class: views of shared memory become Buffers without a copy. */
function sendable(value: Value): unknown {
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return Array.isArray(value) ? value.map(sendable) : value;
}
