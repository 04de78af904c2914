/**
 * Leaves a volume alone that has failed to answer several times in a row: until it is asked again, calls fail at once, so that nobody
 * spends retries and deadlines on it who has another replica. Whoever must know how things are looks through it with `insisting`.
 */
import type { Breaker } from "../../../core/breaker.ts";
import { fault, type HoldfastError, isFault } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";
import type { VolumeHealth } from "../health.ts";
import type { Volume } from "../volume.ts";
import { stepwise } from "./stepwise.ts";

interface BreakerOptions {
  readonly world: Pick<World, "now">;
  readonly health: VolumeHealth;
}

const behind = new WeakMap<Volume, Volume>();

/** The volume without its breaker: each call is made, and its outcome told to the breaker. For those who find out, not for those who can go elsewhere. */
export function insisting(volume: Volume): Volume {
  return behind.get(volume) ?? volume;
}

/** Throws VOLUME_UNREACHABLE at once while the volume rests from such calls: reads and lists are one kind, writes and removals the other. */
export function breaker(volume: Volume, options: BreakerOptions): Volume {
  const [reads, writes] = [new Guard(volume, options, "reads"), new Guard(volume, options, "writes")];
  const guarded = through(volume, reads, writes, (guard) => guard.admit());
  behind.set(
    guarded,
    through(volume, reads, writes, () => undefined),
  );
  return guarded;
}

/** `admit` throws where a call is not to be made. A stream that goes on is not stopped by what happens to other calls. */
function through(volume: Volume, reads: Guard, writes: Guard, admit: (guard: Guard) => void): Volume {
  const watched = async <T>(guard: Guard, work: () => Promise<T>): Promise<T> => {
    admit(guard);
    return guard.watch(work);
  };
  async function* streamed<T>(open: () => AsyncIterable<T>): AsyncGenerator<T> {
    admit(reads);
    yield* stepwise(open(), (step) => reads.watch(step));
  }
  return {
    name: volume.name,
    traits: volume.traits,
    put: (key, body, signal) => watched(writes, () => volume.put(key, body, signal)),
    get: (key, range, into, signal) => watched(reads, () => volume.get(key, range, into, signal)),
    stat: (keys, signal) => streamed(() => volume.stat(keys, signal)),
    list: (after, signal) => streamed(() => volume.list(after, signal)),
    remove: (keys, signal) => watched(writes, () => volume.remove(keys, signal)),
    [Symbol.asyncDispose]: () => volume[Symbol.asyncDispose](),
  };
}

class Guard {
  readonly #volume: Volume;
  readonly #world: Pick<World, "now">;
  readonly #health: VolumeHealth;
  readonly #breaker: Breaker;

  constructor(volume: Volume, { world, health }: BreakerOptions, kind: "reads" | "writes") {
    this.#volume = volume;
    this.#world = world;
    this.#health = health;
    this.#breaker = health.breakers[kind];
  }

  admit(): void {
    if (!this.#breaker.allows()) throw this.#refusal();
  }

  async watch<T>(work: () => Promise<T>): Promise<T> {
    try {
      const answer = await work();
      this.#breaker.succeeded();
      return answer;
    } catch (error) {
      this.#note(error);
      throw error;
    }
  }

  /** Missing, full, denied and corrupt are answers: whoever gives them is there. */
  #note(error: unknown): void {
    if (isFault(error, "VOLUME_UNREACHABLE")) {
      this.#health.lastFailure = { error, at: this.#world.now() };
      this.#breaker.failed();
    } else if (isFault(error) && error.kind !== "cancelled") this.#breaker.succeeded();
    else this.#breaker.undecided();
  }

  #refusal(): HoldfastError {
    const { error } = this.#health.lastFailure ?? {};
    const when = this.#breaker.restMsLeft > 0 ? `in ${Math.ceil(this.#breaker.restMsLeft)} ms` : "just now";
    return fault("VOLUME_UNREACHABLE", `volume ${this.#volume.name} has not answered and is asked again ${when}: ${error?.message}`, {
      cause: error,
      advice: error?.advice ?? "Check the disk or the network behind the volume; `holdfast volumes list` asks it at once.",
    });
  }
}
