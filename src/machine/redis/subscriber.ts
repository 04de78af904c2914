/**
 * One channel, listened to at whichever of some servers answers. What is said while no connection listens is lost: so whoever hears is also
 * told when that may have happened.
 */
import { fault } from "../../core/errors.ts";
import type { World } from "../../core/world/index.ts";
import { Refusal, RespConnection } from "../resp/index.ts";
import type { RedisPlace } from "./place.ts";

const patience = { connectMs: 1000, idleMs: 2000 };
/** A connection that nothing comes over may be dead: this often it is found out. */
const askEveryMs = 2000;
const restMsMin = 50;
const restMsMax = 2000;

export interface SubscriberOptions {
  /** Servers on which the channel can be heard. At least one. */
  readonly places: readonly RedisPlace[];
  readonly channel: string;
  readonly world: World;
  /** Undefined: something may have been said that was not heard. */
  readonly heard: (text: string | undefined) => void;
}

export class Subscriber implements Disposable {
  readonly #options: SubscriberOptions;
  readonly #over = new AbortController();
  #restMs = restMsMin;

  constructor(options: SubscriberOptions) {
    this.#options = options;
    void this.#run();
  }

  [Symbol.dispose](): void {
    this.#over.abort();
  }

  async #run(): Promise<void> {
    const { places, world } = this.#options;
    for (let attempt = 0; !this.#over.signal.aborted; attempt++) {
      // Whatever went wrong, the next server may do better.
      await this.#listen(places[attempt % places.length] as RedisPlace).catch(() => undefined);
      await world.sleep(this.#restMs * (0.5 + world.random()), this.#over.signal).catch(() => undefined);
      this.#restMs = Math.min(restMsMax, this.#restMs * 2);
    }
  }

  /** Until the connection ends. */
  async #listen(place: RedisPlace): Promise<void> {
    const { channel, world } = this.#options;
    const ended = new AbortController();
    const told = ([, , text]: readonly unknown[]): void => this.#tell(typeof text === "string" ? text : undefined);
    const connection = new RespConnection(place, world, patience, () => ended.abort(), told);
    const over = AbortSignal.any([ended.signal, this.#over.signal]);
    try {
      const reply = await connection.send({ words: ["SUBSCRIBE", channel] });
      if (reply instanceof Refusal) throw fault("CACHE_UNREACHABLE", `Redis at ${place.name}: ${reply.text}`);
      this.#restMs = restMsMin;
      this.#tell(undefined);
      while (!over.aborted) {
        await world.sleep(askEveryMs, over);
        await connection.send({ words: ["PING"] });
      }
    } finally {
      connection.close();
    }
  }

  #tell(text: string | undefined): void {
    if (!this.#over.signal.aborted) this.#options.heard(text);
  }
}
