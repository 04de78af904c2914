/** What placement asks of the volumes of a store. */
import type { Volume } from "../places/volumes/index.ts";
import type { Engine } from "./engine.ts";
import type { VolumeFacts } from "./placement/index.ts";

/** One that cannot be opened now keeps its place: it may be back for the next object, and writing elsewhere is decided by what fails. */
export async function volumeFacts(engine: Engine): Promise<VolumeFacts[]> {
  return Promise.all(
    engine.volumes.rows.map(async ({ name, failureDomain, weight, state }) => {
      const volume: Volume | undefined = await engine.volumes.get(name).catch(() => undefined);
      return { name, failureDomain, weight, state, copies: volume?.traits.copies ?? 1, full: false };
    }),
  );
}
