/** Descriptors that are closed whatever happens, and whether a file system takes O_DIRECT. */
import { closeSync, constants, fsyncSync, openSync } from "node:fs";

/** macOS has no O_DIRECT; everything goes through its page cache. */
export const directFlag: number = constants.O_DIRECT ?? 0;

export function withDescriptor<T>(path: string, flags: number, work: (descriptor: number) => T): T {
  const descriptor = openSync(path, flags, 0o644);
  try {
    return work(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The bytes that `direct` moves past the page cache, or 0 where file system or memory do not allow that (tmpfs, many
 * network file systems, memory that is not page-aligned). They say so with EINVAL before any byte has moved.
 */
export function tryDirect(direct: () => number): number {
  if (directFlag === 0) return 0;
  try {
    return direct();
  } catch (error) {
    if (!directRefusals.has(errnoOf(error) ?? "")) throw error;
    return 0;
  }
}

const directRefusals = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP"]);

/** The name of a Node errno error (`ENOENT`), or undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/** Makes the entries of a folder durable. */
export function syncFolder(path: string): void {
  withDescriptor(path, constants.O_RDONLY, fsyncSync);
}
