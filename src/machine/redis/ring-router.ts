import type { World } from "../../core/world/index.ts";
import { RedisNode } from "./node.ts";
import type { RedisPlace } from "./place.ts";
import { Ring } from "./ring.ts";
import type { Router } from "./router.ts";

export class RingRouter implements Router {
  readonly #nodes: readonly RedisNode[];
  readonly #ring: Ring;
  readonly #copies: number;

  constructor(places: readonly RedisPlace[], copies: number, world: World) {
    this.#nodes = places.map((place) => new RedisNode(place, world));
    this.#ring = new Ring(places);
    this.#copies = copies;
  }

  async ready(): Promise<void> {}

  nodes(): readonly RedisNode[] {
    return this.#nodes;
  }

  owners(key: string): readonly RedisNode[] {
    return this.#ring.owners(key, this.#copies).map((index) => this.#nodes[index] as RedisNode);
  }

  async redirected(): Promise<undefined> {
    return undefined;
  }

  doubted(): void {}

  close(): void {
    for (const node of this.#nodes) node.close();
  }
}
