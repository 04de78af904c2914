/**
 * Which of several replicas, all equally right, is asked: the better of two (Mitzenmacher 2001), by how long a read of that size takes there
 * now. One of the two is always the first, which is another one for each object: so while no volume is slower than the others, an object is
 * read from the same replica every time, which has it in its caches then.
 */
import type { VolumeName } from "../../core/names.ts";
import type { World } from "../../core/world/index.ts";
import type { VolumeHealth } from "../../places/volumes/index.ts";

/** Latencies differ by this much for no reason; the first is left for one that is better by more. */
const advantageMin = 2;

export interface Choosing {
  readonly world: Pick<World, "random">;
  readonly health: (name: VolumeName) => VolumeHealth;
}

/** Names a volume out of at least one. One that is left alone is named only where there is no other. */
export function preferred(names: readonly VolumeName[], bytes: number, { world, health }: Choosing): VolumeName {
  const awake = names.filter((name) => !health(name).breakers.reads.isResting);
  const [first, ...others] = (awake.length > 0 ? awake : names) as [VolumeName, ...VolumeName[]];
  const other = others[Math.floor(world.random() * others.length)];
  if (other === undefined) return first;
  // What was slow long ago gets another chance where it is the first, and nobody goes to it on old hearsay.
  return health(other).reads.expectedMs(bytes) * advantageMin < health(first).reads.forgivingMs(bytes) ? other : first;
}

/** The quickest of those that are not left alone; undefined where there is none. */
export function quickest(names: readonly VolumeName[], bytes: number, { health }: Pick<Choosing, "health">): VolumeName | undefined {
  const awake = names.filter((name) => !health(name).breakers.reads.isResting);
  const ms = (name: VolumeName): number => health(name).reads.expectedMs(bytes);
  return awake.toSorted((a, b) => ms(a) - ms(b))[0];
}
