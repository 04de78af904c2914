/** What placement asks of the volumes of a store, and what their replicas are worth. Nothing here opens a volume: one that is away keeps its place. */
import type { VolumeName } from "../core/names.ts";
import { copiesAt } from "../places/volumes/index.ts";
import type { Engine } from "./engine.ts";
import type { VolumeFacts } from "./placement/index.ts";

/** One that cannot be opened now may be back for the next object: writing elsewhere is decided by what fails. */
export async function volumeFacts(engine: Engine): Promise<VolumeFacts[]> {
  return Promise.all(
    engine.volumes.rows.map(async ({ name, url, failureDomain, weight, state }) => {
      const copies = await copiesAt(url).catch(() => 1);
      return { name, failureDomain, weight, state, copies, full: false };
    }),
  );
}

/** Copies that a replica on each volume is; what is not among them counts once. */
export async function copiesByVolume(engine: Engine): Promise<ReadonlyMap<VolumeName, number>> {
  return new Map((await volumeFacts(engine)).map(({ name, copies }) => [name, copies]));
}

export function sumOfCopies(names: readonly VolumeName[], copies: ReadonlyMap<VolumeName, number>): number {
  return names.reduce((sum, name) => sum + (copies.get(name) ?? 1), 0);
}
