/**
 * What turned out wrong with replicas while they were read. A replica that cannot be read at all is given up; one that has some bytes
 * wrong is still good for others, since two damaged replicas are seldom damaged in the same place (D19). All of it is for repair.
 */
import { kindOf } from "../../core/errors.ts";
import type { VolumeName } from "../../core/names.ts";
import type { ObjectId } from "../../places/catalog/index.ts";

export interface Damage {
  readonly object: ObjectId;
  readonly volume: VolumeName;
  readonly error: Error;
}

/** Where in an object something begins that is read and verified as one: a frame of a shard, or a whole object at 0. */
export interface Spot {
  readonly object: ObjectId;
  readonly offset: number;
}

interface Trouble extends Damage {
  lost: boolean;
  readonly spoiled: Set<number>;
}

export class DamageLog {
  readonly #objects = new Map<ObjectId, Map<VolumeName, Trouble>>();

  /** The replica is not to be read again by this load. */
  lose(object: ObjectId, volume: VolumeName, error: Error): void {
    this.#troubleOf(object, volume, error).lost = true;
  }

  /** What begins at the spot is not to be read from this replica again. */
  spoil({ object, offset }: Spot, volume: VolumeName, error: Error): void {
    this.#troubleOf(object, volume, error).spoiled.add(offset);
  }

  /** How many spots of the replica are known to be wrong; undefined when it is not to be read for this one. */
  wrongSpots({ object, offset }: Spot, volume: VolumeName): number | undefined {
    const trouble = this.#objects.get(object)?.get(volume);
    if (!trouble) return 0;
    return trouble.lost || trouble.spoiled.has(offset) ? undefined : trouble.spoiled.size;
  }

  /** One entry for each replica, with what went wrong first. */
  of(object: ObjectId): readonly Damage[] {
    return [...(this.#objects.get(object)?.values() ?? [])];
  }

  /** What a repair can mend: an unreachable volume comes back by itself. */
  get repairable(): readonly Damage[] {
    const all = [...this.#objects.keys()].flatMap((object) => this.of(object));
    return all.filter(({ error }) => kindOf(error) !== "unreachable" && kindOf(error) !== "denied");
  }

  #troubleOf(object: ObjectId, volume: VolumeName, error: Error): Trouble {
    const volumes = this.#objects.get(object) ?? new Map<VolumeName, Trouble>();
    this.#objects.set(object, volumes);
    const trouble = volumes.get(volume) ?? { object, volume, error, lost: false, spoiled: new Set<number>() };
    volumes.set(volume, trouble);
    return trouble;
  }
}
