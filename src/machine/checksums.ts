/** CRC32C of bulk bytes, so that a driver need not know in which thread it is taken. */
import { crc32c } from "../bytes/digests/index.ts";
import { KiB } from "../core/units.ts";
import type { DataPool } from "./pool.ts";
import { type Span, spanOf } from "./span.ts";

export interface Checksums {
  /** Of views that follow each other. */
  crc32c(views: readonly Uint8Array[]): Promise<number>;
  /** Of each `stepBytes` of them, the last of which may be shorter: four bytes each, the highest first. */
  crc32cOfSteps(views: readonly Uint8Array[], stepBytes: number): Promise<Uint8Array>;
}

export function crc32cOf(views: readonly Uint8Array[]): number {
  return views.reduce((sum, view) => crc32c(view, sum), 0);
}

export function crc32cOfStepsIn(views: readonly Uint8Array[], stepBytes: number): Uint8Array {
  const sums = new DataView(new ArrayBuffer(4 * Math.ceil(bytesIn(views) / stepBytes)));
  let [step, filled, sum] = [0, 0, 0];
  const end = (): void => {
    sums.setUint32(4 * step++, sum);
    [filled, sum] = [0, 0];
  };
  for (const view of views)
    for (let at = 0; at < view.byteLength; ) {
      const part = view.subarray(at, at + stepBytes - filled);
      sum = crc32c(part, sum);
      filled += part.byteLength;
      at += part.byteLength;
      if (filled === stepBytes) end();
    }
  if (filled > 0) end();
  return new Uint8Array(sums.buffer);
}

function bytesIn(views: readonly Uint8Array[]): number {
  return views.reduce((sum, view) => sum + view.byteLength, 0);
}

/** In the thread of the caller: for tests and small bytes. */
export function directChecksums(): Checksums {
  return { crc32c: async (views) => crc32cOf(views), crc32cOfSteps: async (views, stepBytes) => crc32cOfStepsIn(views, stepBytes) };
}

/** Taking it takes no longer than telling a worker to. */
const smallBytesMax = 64 * KiB;

/** Of shared memory by the data workers; other bytes (manifests, identities) are few, and done at once. */
export function pooledChecksums(pool: Pick<DataPool, "run">): Checksums {
  return {
    async crc32c(views) {
      const from = largeSpans(views);
      return from ? pool.run({ kind: "crc32c", from }) : crc32cOf(views);
    },
    async crc32cOfSteps(views, stepBytes) {
      const from = largeSpans(views);
      return from ? pool.run({ kind: "crc32c-steps", from, stepBytes }) : crc32cOfStepsIn(views, stepBytes);
    },
  };
}

/** Undefined where a worker cannot have them, or need not. */
function largeSpans(views: readonly Uint8Array[]): readonly Span[] | undefined {
  const spans = views.map(spanOf).filter((span) => span !== undefined);
  return bytesIn(views) <= smallBytesMax || spans.length < views.length ? undefined : spans;
}
