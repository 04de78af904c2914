/**
 * Which replicas should change their volume after volumes were added or weights changed. A push places whole groups, so what rendezvous says
 * of single objects is no reason to move one by itself: replicas leave a volume only while it holds more than its share, and go where it
 * holds less, and of those the ones that rendezvous would sooner see there. So about as much moves as has to, and once it has moved
 * nothing does any more.
 */
import type { VolumeName } from "../../core/names.ts";
import { copiesOf, isDomainApart } from "./choose.ts";
import { takesObjects, type VolumeFacts } from "./facts.ts";
import { quotasOf } from "./quota.ts";
import { type Ranked, ranking } from "./score.ts";

export interface Holding {
  readonly key: string;
  readonly bytes: number;
  readonly replicasWanted: number;
  /** Where it has good replicas. */
  readonly on: readonly VolumeName[];
}

export interface Move {
  readonly from: VolumeName;
  /** Undefined where the replica on `from` is one too many. */
  readonly to: VolumeName | undefined;
}

/** When every volume holds its share but for this part of it, all is in balance: sizes of objects differ. */
const slack = 0.02;

/** Sums over all holdings first (`count`), then `settle`, then a decision for each (`moveOf`), in any order. */
export class Rebalancing {
  readonly #facts: ReadonlyMap<VolumeName, VolumeFacts>;
  readonly #rank: (key: string) => Ranked[];
  readonly #held = new Map<VolumeName, number>();
  #shares: ReadonlyMap<VolumeName, number> = new Map();
  #objectBytes = 0;
  #replicasMost = 1;
  #inBalance = true;

  constructor(volumes: readonly VolumeFacts[]) {
    this.#facts = new Map(volumes.filter(takesObjects).map((volume) => [volume.name, volume]));
    this.#rank = ranking(volumes);
  }

  count({ bytes, replicasWanted, on }: Holding): void {
    this.#objectBytes += bytes;
    this.#replicasMost = Math.max(this.#replicasMost, replicasWanted);
    for (const name of on) this.#add(name, bytes);
  }

  settle(): void {
    const able = [...this.#facts.values()];
    const places = able.reduce((sum, { name }) => sum + this.#heldBy(name), 0);
    const quotas = quotasOf("rebalance", able, places, this.#objectBytes, this.#replicasMost);
    this.#shares = new Map([...quotas].map(([{ name }, bytes]) => [name, bytes]));
    this.#inBalance = [...this.#shares].every(([name, share]) => Math.abs(this.#heldBy(name) - share) <= slack * share);
  }

  /** What lies on volumes above their shares. */
  get overBytes(): number {
    return [...this.#shares].reduce((sum, [name, share]) => sum + (this.#isOver(name) ? this.#heldBy(name) - share : 0), 0);
  }

  /** Takes the move for done; `undo` says that it was not. */
  moveOf(holding: Holding): Move | undefined {
    const ranked = this.#rank(holding.key).map(({ volume }) => volume);
    const on = holding.on.flatMap((name) => this.#facts.get(name) ?? []);
    if (on.length < holding.on.length) return undefined; // a drain is under way, or a volume is gone: one thing at a time
    const leastWanted = ranked.filter((volume) => on.includes(volume)).reverse();
    for (const from of leastWanted.filter(({ name }) => this.#isOver(name))) {
      const others = on.filter((volume) => volume !== from);
      const move = this.#isSurplus(from, others, holding) ? { from: from.name, to: undefined } : this.#moveFrom(from, others, ranked, holding);
      if (move) return this.#take(move, holding.bytes);
    }
    return undefined;
  }

  undo({ from, to }: Move, bytes: number): void {
    this.#add(from, bytes);
    if (to !== undefined) this.#add(to, -bytes);
  }

  #take(move: Move, bytes: number): Move {
    this.undo(move, -bytes);
    return move;
  }

  #isSurplus(from: VolumeFacts, others: readonly VolumeFacts[], { replicasWanted }: Holding): boolean {
    return copiesOf(others) >= replicasWanted && (!isDomainApart(from, others) || areApart(others));
  }

  #moveFrom(from: VolumeFacts, others: readonly VolumeFacts[], ranked: readonly VolumeFacts[], { bytes, replicasWanted }: Holding): Move | undefined {
    const sooner = ranked.slice(0, ranked.indexOf(from)).filter((volume) => !others.includes(volume));
    const copies = Math.min(replicasWanted, copiesOf([...others, from]));
    const to = sooner.find(
      (volume) =>
        this.#heldBy(volume.name) + bytes <= (this.#shares.get(volume.name) ?? 0) &&
        (isDomainApart(volume, others) || !isDomainApart(from, others)) &&
        copiesOf([...others, volume]) >= copies,
    );
    return to && { from: from.name, to: to.name };
  }

  #isOver(name: VolumeName): boolean {
    return !this.#inBalance && this.#heldBy(name) > (this.#shares.get(name) ?? Number.POSITIVE_INFINITY);
  }

  #heldBy(name: VolumeName): number {
    return this.#held.get(name) ?? 0;
  }

  #add(name: VolumeName, bytes: number): void {
    this.#held.set(name, this.#heldBy(name) + bytes);
  }
}

function areApart(volumes: readonly VolumeFacts[]): boolean {
  return new Set(volumes.map(({ failureDomain }) => failureDomain)).size === volumes.length;
}
