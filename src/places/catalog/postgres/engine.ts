/**
 * How work reaches the database: reads on any session, writes one after the other, and all of it again on another session when one is lost. A commit
 * whose answer is lost is not guessed at: each one leaves a mark of its own in the same transaction, which is looked for afterwards.
 */
import { fault } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";
import { Turns } from "../turns.ts";
import { catalogFault, isInterrupted } from "./faults.ts";
import { refuseOtherSchema } from "./migrations.ts";
import { patiently } from "./patience.ts";
import type { Session } from "./session.ts";
import { closed, type Sessions } from "./sessions.ts";

/** How the roles reach a session. */
export interface Runner {
  /** One statement, which is atomic by itself; or several that do not need to agree. */
  read<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** All or nothing, alone among writers. */
  write<T>(work: (session: Session) => Promise<T>): Promise<T>;
}

export interface EngineParts {
  readonly label: string;
  readonly world: World;
  readonly waitMs: number;
  readonly sessions: Sessions;
  /** Ends waiting when the catalog is closed. */
  readonly closing: AbortController;
}

/** Nobody asks for the outcome of a commit that long after. */
const marksKeptMs = 30 * 24 * 3600_000;

export class Engine implements Runner {
  readonly #parts: EngineParts;
  readonly #turns: Turns;
  /** This engine among the writers of the catalog. */
  readonly #writer: string;
  #commits = 0;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#turns = new Turns(parts.world, { waitMs: parts.waitMs });
    this.#writer = parts.world.id();
  }

  async read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return await this.#again(() => this.#parts.sessions.use(work));
  }

  async write<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return await this.#alone(async (session) => ({ result: await work(session), changed: true }));
  }

  async transaction<T>(work: (runner: Runner) => Promise<T>): Promise<T> {
    return await this.#alone(async (session) => {
      const inner = new Inner(session, this.#parts.label);
      try {
        return { result: await work(inner), changed: inner.changed };
      } finally {
        await inner.end();
      }
    });
  }

  async close(): Promise<void> {
    this.#parts.closing.abort();
    await this.#parts.sessions[Symbol.asyncDispose]();
  }

  /** `work` may be run several times: what it did in a transaction that was undone is nowhere. */
  async #alone<T>(work: (session: Session) => Promise<Worked<T>>): Promise<T> {
    await this.#turns.take();
    try {
      return await this.#again(() => this.#parts.sessions.use((session) => this.#attempt(session, work)));
    } finally {
      this.#turns.done();
    }
  }

  async #again<T>(attempt: () => Promise<T>): Promise<T> {
    const { world, waitMs, closing, label } = this.#parts;
    if (closing.signal.aborted) throw closed();
    try {
      return await patiently({ world, waitMs, closing: closing.signal, mayPass: isInterrupted }, attempt);
    } catch (error) {
      throw catalogFault(error, label);
    }
  }

  async #attempt<T>(session: Session, work: (session: Session) => Promise<Worked<T>>): Promise<T> {
    const mark = ++this.#commits;
    const { result, changed } = await this.#worked(session, work);
    await this.#commit(session, changed ? mark : undefined);
    return result;
  }

  async #worked<T>(session: Session, work: (session: Session) => Promise<Worked<T>>): Promise<Worked<T>> {
    try {
      refuseOtherSchema(await session.begin(), this.#parts.label);
      return await work(session);
    } catch (error) {
      await session.rollback();
      // Whatever the work made of an error that undid its transaction for no fault of its own, that error says that it may run again.
      throw session.trouble ?? error;
    }
  }

  async #commit(session: Session, mark: number | undefined): Promise<void> {
    try {
      const done = await session.commit(mark === undefined ? "" : this.#leaving(mark, await session.now()));
      if (!done) throw session.trouble ?? fault("CATALOG_UNREACHABLE", `an error inside the transaction on catalog ${this.#parts.label} has undone it`);
    } catch (error) {
      if (session.lost && mark !== undefined && (await this.#arrived(mark))) return;
      await session.rollback();
      throw error;
    }
  }

  /**
   * What a transaction leaves behind: the time that it saw, and its mark in the one row that each writer has. The commit itself has no time limit: where it
   * waits for a standby, the server would give up waiting at the limit and say that it is done.
   */
  #leaving(mark: number, now: number): string {
    const sweep = mark === 1 ? `DELETE FROM writer WHERE at < ${now - marksKeptMs};` : "";
    return `SET LOCAL statement_timeout = 0; ${sweep}
      INSERT INTO writer (id, mark, at) VALUES ('${this.#writer}', ${mark}, ${now})
        ON CONFLICT (id) DO UPDATE SET mark = excluded.mark, at = excluded.at;
      UPDATE holdfast_catalog SET clock = ${now} WHERE clock < ${now};`;
  }

  /**
   * Whether the commit with this mark happened. Taking the lock first waits for a backend that is still at it. Throws CATALOG_UNREACHABLE when the
   * database stays away: then nobody knows, and the caller must not claim either.
   */
  async #arrived(mark: number): Promise<boolean> {
    const { label } = this.#parts;
    try {
      return await this.#again(() => this.#parts.sessions.use((session) => this.#find(session, mark)));
    } catch (error) {
      throw fault("CATALOG_UNREACHABLE", `the connection to catalog ${label} was lost while it committed, and whether it did is not known yet`, {
        cause: error,
        advice: "When the database is back, run the command again: what was done is found and not done twice.",
      });
    }
  }

  async #find(session: Session, mark: number): Promise<boolean> {
    try {
      await session.begin();
      const row = await session.get<{ mark: number }>("SELECT mark FROM writer WHERE id = $1", this.#writer);
      return row?.mark === mark;
    } finally {
      await session.rollback();
    }
  }
}

interface Worked<T> {
  readonly result: T;
  readonly changed: boolean;
}

/** The runner that a transaction hands to its work; it is of no use after the end. Calls are served one after the other. */
class Inner implements Runner {
  readonly #session: Session;
  readonly #label: string;
  #last: Promise<unknown> = Promise.resolve();
  #ended = false;
  changed = false;

  constructor(session: Session, label: string) {
    this.#session = session;
    this.#label = label;
  }

  async read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#next(() => work(this.#session));
  }

  async write<T>(work: (session: Session) => Promise<T>): Promise<T> {
    this.changed = true;
    return this.#next(() => this.#session.step(() => work(this.#session)));
  }

  /** Resolves when nothing of what was called is under way. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#last;
  }

  async #next<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(() => this.#run(work));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#ended)
      throw fault("CATALOG_UNREACHABLE", "the transaction has ended", { advice: "Wait for every call inside `transaction` before its work returns." });
    try {
      return await work();
    } catch (error) {
      throw catalogFault(error, this.#label);
    }
  }
}
