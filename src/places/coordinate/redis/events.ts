import { throwIfCancelled } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";
import { Subscriber } from "../../../machine/redis/index.ts";
import { requireShort } from "../event-size.ts";
import type { Events } from "../events.ts";
import type { Servers } from "./servers.ts";

export class RedisEvents implements Events {
  readonly #servers: Servers;
  readonly #prefix: string;
  readonly #world: World;
  readonly #subscribers = new Set<Subscriber>();

  constructor(servers: Servers, prefix: string, world: World) {
    this.#servers = servers;
    this.#prefix = prefix;
    this.#world = world;
  }

  async tell(topic: string, text: string, signal: AbortSignal): Promise<void> {
    throwIfCancelled(signal);
    requireShort(text);
    const channel = this.#channelOf(topic);
    await this.#servers.ask(channel, ["PUBLISH", channel, text]);
  }

  listen(topic: string, heard: (text: string | undefined) => void): Disposable {
    const channel = this.#channelOf(topic);
    const subscriber = new Subscriber({ places: this.#servers.placesOf(channel), channel, world: this.#world, heard });
    this.#subscribers.add(subscriber);
    return {
      [Symbol.dispose]: () => {
        subscriber[Symbol.dispose]();
        this.#subscribers.delete(subscriber);
      },
    };
  }

  close(): void {
    for (const subscriber of this.#subscribers) subscriber[Symbol.dispose]();
  }

  #channelOf(topic: string): string {
    return `${this.#prefix}:e:${topic}`;
  }
}
