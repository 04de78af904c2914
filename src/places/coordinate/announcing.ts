/** A catalog that tells those who listen of every move of a ref, when it is committed. They look into the ref log themselves: what is told is only that there is something. */
import { isFault } from "../../core/errors.ts";
import type { Catalog, RefLogEntry, Roles } from "../catalog/index.ts";
import type { Events } from "./events.ts";

/** The topic of moves; the text is the number of the newest. */
export const movesTopic = "moves";

/** Takes over the catalog, whose calls it passes on. */
export function announcing(catalog: Catalog, events: Events): Catalog {
  const announcements = new Announcements(events);
  return {
    ...catalog,
    async move(move) {
      const entry = await catalog.move(move);
      announcements.add([entry]);
      return entry;
    },
    async transaction(work) {
      let moved: RefLogEntry[] = [];
      const result = await catalog.transaction((tx) => {
        moved = []; // it may run again
        return work(noting(tx, (entry) => moved.push(entry)));
      });
      announcements.add(moved);
      return result;
    },
    async [Symbol.asyncDispose]() {
      await announcements[Symbol.asyncDispose]();
      await catalog[Symbol.asyncDispose]();
    },
  };
}

function noting(tx: Roles, note: (entry: RefLogEntry) => void): Roles {
  return {
    ...tx,
    async move(move) {
      const entry = await tx.move(move);
      note(entry);
      return entry;
    },
  };
}

/** Nobody waits for them but the end of the process. */
class Announcements implements AsyncDisposable {
  readonly #events: Events;
  readonly #over = new AbortController();
  readonly #underWay = new Set<Promise<void>>();

  constructor(events: Events) {
    this.#events = events;
  }

  add(moved: readonly RefLogEntry[]): void {
    const newest = moved.at(-1);
    if (!newest) return;
    const telling = this.#events
      .tell(movesTopic, String(newest.sequence), this.#over.signal)
      .catch((error: unknown) => {
        if (!isFault(error)) throw error;
      })
      .finally(() => this.#underWay.delete(telling));
    this.#underWay.add(telling);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#underWay);
  }
}
