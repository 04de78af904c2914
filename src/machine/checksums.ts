/** CRC32C of bulk bytes, so that a driver need not know in which thread it is taken. */
import { crc32c } from "../bytes/digests/index.ts";
import { KiB } from "../core/units.ts";
import type { DataPool } from "./pool.ts";
import { spanOf } from "./span.ts";

export interface Checksums {
  /** Of views that follow each other. */
  crc32c(views: readonly Uint8Array[]): Promise<number>;
}

export function crc32cOf(views: readonly Uint8Array[]): number {
  return views.reduce((sum, view) => crc32c(view, sum), 0);
}

/** In the thread of the caller: for tests and small bytes. */
export function directChecksums(): Checksums {
  return { crc32c: async (views) => crc32cOf(views) };
}

/** Taking it takes no longer than telling a worker to. */
const smallBytesMax = 64 * KiB;

/** Of shared memory by the data workers; other bytes (manifests, identities) are few, and done at once. */
export function pooledChecksums(pool: Pick<DataPool, "run">): Checksums {
  return {
    async crc32c(views) {
      const spans = views.map(spanOf).filter((span) => span !== undefined);
      const bytes = views.reduce((sum, view) => sum + view.byteLength, 0);
      if (bytes <= smallBytesMax || spans.length < views.length) return crc32cOf(views);
      return pool.run({ kind: "crc32c", from: spans });
    },
  };
}
