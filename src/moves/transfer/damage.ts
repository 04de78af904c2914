/** Replicas that turned out missing, unreachable or damaged while they were read: not to be read again by this load, and to be repaired after it. */
import { type HoldfastError, kindOf } from "../../core/errors.ts";
import type { VolumeName } from "../../core/names.ts";
import type { ObjectId } from "../../places/catalog/index.ts";

export interface Damage {
  readonly object: ObjectId;
  readonly volume: VolumeName;
  readonly error: Error;
}

export class DamageLog {
  readonly #entries = new Map<string, Damage>();

  add(object: ObjectId, volume: VolumeName, error: HoldfastError | Error): void {
    const key = `${object}@${volume}`;
    if (!this.#entries.has(key)) this.#entries.set(key, { object, volume, error });
  }

  has(object: ObjectId, volume: VolumeName): boolean {
    return this.#entries.has(`${object}@${volume}`);
  }

  of(object: ObjectId): readonly Damage[] {
    return [...this.#entries.values()].filter((entry) => entry.object === object);
  }

  /** What a repair can mend: an unreachable volume comes back by itself. */
  get repairable(): readonly Damage[] {
    return [...this.#entries.values()].filter((entry) => kindOf(entry.error) !== "unreachable" && kindOf(entry.error) !== "denied");
  }
}
