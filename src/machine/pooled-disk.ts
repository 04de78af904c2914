/** A disk whose work on shared memory is done by the data workers; other bytes (manifests, identities) are few, and done at once. */
import { throwIfCancelled } from "../core/errors.ts";
import { KiB } from "../core/units.ts";
import { type Disk, directDisk } from "./disk.ts";
import type { DataPool } from "./pool.ts";
import { type Span, spanOf } from "./span.ts";

export function pooledDisk(pool: Pick<DataPool, "run">): Disk {
  const direct = directDisk();
  return {
    async read(path, offset, into, signal) {
      throwIfCancelled(signal);
      const spans = isSmall(into) ? undefined : spansOf(into);
      if (!spans) return direct.read(path, offset, into, signal);
      const [bytes] = await pool.run({ kind: "read", parts: [{ path, offset, into: spans }] });
      return bytes as number;
    },
    async publish(path, temporary, body, signal) {
      throwIfCancelled(signal);
      const spans = spansOf(body);
      if (!spans) return direct.publish(path, temporary, body, signal);
      await pool.run({ kind: "publish", path, temporary, body: spans });
    },
  };
}

/** Reading it takes no longer than telling a worker to. */
const smallBytesMax = 64 * KiB;

function isSmall(views: readonly Uint8Array[]): boolean {
  return views.reduce((sum, view) => sum + view.byteLength, 0) <= smallBytesMax;
}

function spansOf(views: readonly Uint8Array[]): Span[] | undefined {
  const spans = views.map(spanOf);
  return spans.every((span) => span !== undefined) ? spans : undefined;
}
