/** Questions about one key to the server that has it: an answer, or a fault. */
import { fault } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";
import { ClusterRouter, Keyspace, type RedisPlace, RingRouter } from "../../../machine/redis/index.ts";
import { Refusal, type Reply } from "../../../machine/resp/index.ts";
import type { CoordinatePlace } from "./place.ts";

export class Servers implements Disposable {
  readonly #place: CoordinatePlace;
  readonly #keyspace: Keyspace;

  constructor(place: CoordinatePlace, world: World) {
    this.#place = place;
    this.#keyspace = new Keyspace(place.clustered ? new ClusterRouter(place.places, world) : new RingRouter(place.places, 1, world));
  }

  /** Throws CACHE_UNREACHABLE, ACCESS_DENIED. */
  async ask(key: string, words: readonly string[]): Promise<Exclude<Reply, Refusal>> {
    const { router } = this.#keyspace;
    await router.ready();
    const [node] = router.owners(key);
    if (!node) throw fault("CACHE_UNREACHABLE", `no Redis server has the slot of ${key} now`);
    const reply = await this.#keyspace.askAt(node, { words });
    if (reply instanceof Refusal) throw fault("CACHE_UNREACHABLE", `Redis at ${node.place.name}: ${reply.text}`);
    return reply;
  }

  /** Where a channel is heard: anywhere in a Cluster, which passes on what is told, and on its one server of a ring. */
  placesOf(channel: string): readonly RedisPlace[] {
    if (this.#place.clustered) return this.#place.places;
    return this.#keyspace.router.owners(channel).map((node) => node.place);
  }

  [Symbol.dispose](): void {
    this.#keyspace.router.close();
  }
}
