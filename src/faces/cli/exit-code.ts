/** What the process says at its end (docs/errors.md). */
import type { ErrorKind } from "../../index.ts";

export const exitCodes = {
  done: 0,
  bug: 1,
  usage: 2,
  missing: 3,
  corrupt: 4,
  denied: 5,
  conflict: 6,
  unreachable: 7,
  invalid: 8,
  unsupported: 8,
  full: 9,
  cancelled: 130,
} as const satisfies Record<ErrorKind | "done" | "bug" | "usage", number>;
