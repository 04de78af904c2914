/** Where a show happens: a temporary folder that is gone afterwards, and somebody to tell what was measured. */
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { killAll } from "./command.ts";

export interface Place {
  readonly folder: string;
  readonly say: (line: string) => void;
}

const signals = ["SIGINT", "SIGTERM"] as const;

/** The folder is made under `parent`, the system's place for temporary files where none is named, and removed whatever happens: also when somebody ends the run. */
export async function inPlace<T>(say: Place["say"], work: (place: Place) => Promise<T>, parent = tmpdir()): Promise<T> {
  const folder = await mkdtemp(join(parent, "holdfast-show-"));
  const interrupted = (): never => {
    killAll();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    process.exit(130);
  };
  for (const signal of signals) process.once(signal, interrupted);
  try {
    return await work({ folder, say });
  } finally {
    for (const signal of signals) process.off(signal, interrupted);
    killAll();
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** How large a show is. Every size is an option of `npm run acceptance`; what ends in "bytes" may be written as 4GB. */
export type Sizes = Readonly<Record<string, number>>;

/** One line of what the product must show: at its full size for whoever asks, at a small one in every `npm test`. */
export interface Show<S extends Sizes = Sizes> {
  readonly says: string;
  readonly full: S;
  readonly small: S;
  /** Prints what it measures and throws where a bound does not hold. */
  run(place: Place, sizes: S): Promise<void>;
}

export function show<S extends Sizes>(definition: Show<S>): Show<S> {
  return definition;
}

export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}
