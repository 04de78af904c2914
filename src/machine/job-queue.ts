/** What waits for a worker. What moves bytes of a disk goes before what only needs a processor: the disk would else stand still. */
import type { Job } from "./jobs.ts";

const kindsOfDisk: ReadonlySet<Job["kind"]> = new Set(["read", "publish", "write"]);

export class JobQueue<Task> {
  readonly #disk: Task[] = [];
  readonly #rest: Task[] = [];

  add(kind: Job["kind"], task: Task): void {
    (kindsOfDisk.has(kind) ? this.#disk : this.#rest).push(task);
  }

  /** First come, first served, among the same. */
  next(): Task | undefined {
    return this.#disk.shift() ?? this.#rest.shift();
  }
}
