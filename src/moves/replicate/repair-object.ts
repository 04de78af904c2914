/**
 * An object brought back to the replicas that it wants: doubts settled by reading, verified bytes taken in hand, missing and bad
 * replicas written anew, and only then what is one too many given up. Where nothing is whole any more, a first good replica is
 * made elsewhere before any of the damaged ones is touched: together they may be all there is.
 */
import { fault, isFault } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import type { VolumeName } from "../../core/names.ts";
import type { IntentId, ObjectRow, ReplicaState } from "../../places/catalog/index.ts";
import { objectKey } from "../../places/volumes/index.ts";
import type { Engine } from "../engine.ts";
import { choosePlaces, planRepair, type RepairPlan } from "../placement/index.ts";
import type { Damage } from "../transfer/index.ts";
import { volumeFacts } from "../volume-facts.ts";
import { checkReplica } from "./check-replica.ts";
import { afterOthers } from "./one-at-a-time.ts";
import { dropReplica, rewriteReplica } from "./rewrite-replica.ts";
import { type WholeObject, wholeObject } from "./whole-object.ts";

export interface RepairedObject {
  /** Volumes that have a good replica now and had none. */
  readonly written: readonly VolumeName[];
  readonly dropped: readonly VolumeName[];
  /** Replicas found damaged or missing, mended or not. */
  readonly damage: readonly Damage[];
  /** Why volumes that were to be written to were not. */
  readonly failures: readonly Error[];
}

/**
 * `doubted` are read before they are believed, besides those that the ledger suspects. Does nothing for an object that is being collected.
 * Throws DATA_CORRUPT, CHUNK_LOST or VOLUME_UNREACHABLE when there is nothing to repair it from.
 */
export async function repairObject(
  engine: Engine,
  object: ObjectRow,
  signal: AbortSignal,
  doubted: ReadonlySet<VolumeName> = new Set(),
): Promise<RepairedObject> {
  return afterOthers(engine, object.id, () => repairHeld(engine, object, signal, doubted));
}

async function repairHeld(engine: Engine, object: ObjectRow, signal: AbortSignal, doubted: ReadonlySet<VolumeName>): Promise<RepairedObject> {
  const intent = await engine.catalog.openIntent(engine.world.id(), limits.leaseMs);
  const work = new ObjectRepair(engine, object, intent, signal);
  try {
    const refused = await engine.catalog.pinObjects(intent, [object.id]);
    if (refused.length === 0) await work.run(doubted);
  } finally {
    if (work.mayLetGo) await engine.catalog.closeIntent(intent);
  }
  return work;
}

class ObjectRepair implements RepairedObject {
  readonly written: VolumeName[] = [];
  readonly dropped: VolumeName[] = [];
  readonly damage: Damage[] = [];
  readonly failures: Error[] = [];
  /** False while a copy under another key, which only the intent holds, may be the only whole one. */
  mayLetGo = true;
  readonly #engine: Engine;
  readonly #object: ObjectRow;
  readonly #intent: IntentId;
  readonly #signal: AbortSignal;
  readonly #unwritable = new Set<VolumeName>();

  constructor(engine: Engine, object: ObjectRow, intent: IntentId, signal: AbortSignal) {
    this.#engine = engine;
    this.#object = object;
    this.#intent = intent;
    this.#signal = signal;
  }

  async run(doubted: ReadonlySet<VolumeName>): Promise<void> {
    await this.#settleDoubts(doubted);
    const plan = await this.#plan();
    if (plan.sources.length > 0 && plan.write.length === 0 && plan.drop.length === 0) return;
    using whole = await wholeObject(this.#engine, this.#object, this.#signal, plan.sources);
    for (const damage of whole.damage) await this.#condemn(damage);
    if (whole.from === undefined) await this.#secure(whole);
    else if (!plan.sources.includes(whole.from)) await this.#engine.catalog.setReplica(this.#object.id, whole.from, "good");
    await this.#writeAll(whole);
    await this.#dropAll();
  }

  async #settleDoubts(doubted: ReadonlySet<VolumeName>): Promise<void> {
    for (const { volume, state } of await this.#replicas()) {
      if (state !== "suspect" && !doubted.has(volume)) continue;
      const finding = await checkReplica(this.#engine, this.#object, volume, this.#signal);
      if (finding.state === "whole") {
        finding.room[Symbol.dispose]();
        await this.#engine.catalog.setReplica(this.#object.id, volume, "good");
      } else if (finding.state !== "unreachable") await this.#condemn({ object: this.#object.id, volume, error: finding.error });
    }
  }

  async #condemn(damage: Damage): Promise<void> {
    if (!this.damage.some((known) => known.volume === damage.volume)) this.damage.push(damage);
    await this.#engine.catalog.setReplica(this.#object.id, damage.volume, "bad");
  }

  #replicas(): Promise<readonly { readonly volume: VolumeName; readonly state: ReplicaState }[]> {
    return this.#engine.catalog.replicas([this.#object.id]);
  }

  /** A replica that was intended and is not there yet, or never came, counts as a bad one. */
  async #plan(): Promise<RepairPlan> {
    const volumes = (await volumeFacts(this.#engine)).map((facts) => (this.#unwritable.has(facts.name) ? { ...facts, full: true } : facts));
    const replicas = (await this.#replicas()).map(({ volume, state }) => ({ volume, state: state === "intended" ? ("bad" as const) : state }));
    return planRepair({ key: this.#object.digest, replicasWanted: this.#object.replicasWanted, volumes, replicas });
  }

  async #writeAll(whole: WholeObject): Promise<void> {
    for (let next = (await this.#plan()).write[0]; next !== undefined; next = (await this.#plan()).write[0])
      if (!(await this.#tryWrite(next, whole))) this.#unwritable.add(next);
  }

  async #tryWrite(volume: VolumeName, whole: WholeObject, as = this.#object): Promise<boolean> {
    try {
      const written = await rewriteReplica(this.#engine, as, volume, whole, this.#signal);
      if (written && as === this.#object) this.written.push(volume);
      return true;
    } catch (error) {
      if (!isFault(error) || error.kind === "cancelled") throw error;
      this.failures.push(error);
      return false;
    }
  }

  async #dropAll(): Promise<void> {
    const { drop, sources } = await this.#plan();
    const kept = sources.filter((volume) => !drop.includes(volume));
    for (const volume of drop)
      try {
        if (await dropReplica(this.#engine, this.#object, volume, kept, this.#signal)) this.dropped.push(volume);
      } catch (error) {
        if (!isFault(error) || error.kind === "cancelled") throw error;
        this.failures.push(error);
      }
  }

  /** Makes the bytes durable beside the damaged replicas: on a volume that has none, or else under a key of its own. */
  async #secure(whole: WholeObject): Promise<void> {
    const taken = new Set((await this.#replicas()).map((replica) => replica.volume));
    const places = choosePlaces(this.#object.digest, await volumeFacts(this.#engine), Number.POSITIVE_INFINITY);
    for (const volume of places) if (!taken.has(volume) && (await this.#tryWrite(volume, whole))) return;
    this.mayLetGo = false;
    await this.#keepAside(whole, places);
    for (const volume of taken) if (await this.#tryWrite(volume, whole)) this.mayLetGo = true;
  }

  /** A second object with the same bytes, held by the intent alone. When this repair dies, the next one finds it by its digest. */
  async #keepAside(whole: WholeObject, places: readonly VolumeName[]): Promise<void> {
    const { kind, domain, digest, bytes } = this.#object;
    const aside = await this.#engine.catalog.reserve(this.#intent, { kind, domain, digest, bytes, replicasWanted: 1, volumes: [] });
    for (const volume of places) if (await this.#tryWrite(volume, whole, aside)) return;
    throw fault("REPLICAS_TOO_FEW", `${objectKey(this.#object)} was put together from damaged replicas, and no volume takes it`, {
      cause: this.failures.at(-1),
      advice: "Add a volume with `holdfast volumes add`, then run `holdfast repair`.",
    });
  }
}
