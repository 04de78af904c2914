/** One Redis server: a few connections, made when they are needed, and left alone while it does not answer. */

import { Breaker } from "../../core/breaker.ts";
import { fault, isFault } from "../../core/errors.ts";
import type { World } from "../../core/world/index.ts";
import { type Command, Refusal, type Reply, RespConnection } from "../resp/index.ts";
import type { RedisPlace } from "./place.ts";

const connectionsMax = 4;
const patience = { connectMs: 1000, idleMs: 2000 };
/** It answers, and cannot serve now. */
const notNow = new Set(["LOADING", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN", "READONLY", "NOAUTH", "WRONGPASS", "NOPERM"]);

export class RedisNode {
  readonly place: RedisPlace;
  readonly #world: World;
  readonly #breaker: Breaker;
  #connections: RespConnection[] = [];

  constructor(place: RedisPlace, world: World) {
    this.place = place;
    this.#world = world;
    this.#breaker = new Breaker(world);
  }

  /** Throws CACHE_UNREACHABLE, at once while it is left alone; ACCESS_DENIED. */
  async ask(command: Command): Promise<Reply> {
    const [reply] = await this.askAll([command]);
    return reply as Reply;
  }

  /** In this order, on one connection. */
  async askAll(commands: readonly Command[]): Promise<Reply[]> {
    if (!this.#breaker.allows()) throw fault("CACHE_UNREACHABLE", `Redis at ${this.place.name} did not answer, and is left alone for a while`);
    try {
      const connection = this.#connection();
      const replies = await allOf(commands.map((command) => connection.send(command)));
      this.#judge(replies);
      return replies;
    } catch (error) {
      this.#breaker.failed();
      throw error;
    }
  }

  #judge(replies: readonly Reply[]): void {
    const refusal = replies.find((reply) => reply instanceof Refusal && notNow.has(reply.code));
    if (!(refusal instanceof Refusal)) return this.#breaker.succeeded();
    const denied = ["NOAUTH", "WRONGPASS", "NOPERM"].includes(refusal.code);
    throw fault(denied ? "ACCESS_DENIED" : "CACHE_UNREACHABLE", `Redis at ${this.place.name}: ${refusal.text}`, {
      advice: denied ? "Give user and password in the URL, or the password as REDISCLI_AUTH." : "It may come by itself.",
    });
  }

  #connection(): RespConnection {
    const [best] = this.#connections.toSorted((a, b) => a.outstandingBytes - b.outstandingBytes);
    if (best && (best.outstandingBytes === 0 || this.#connections.length >= connectionsMax)) return best;
    const made = new RespConnection(this.place, this.#world, patience, (gone) => {
      this.#connections = this.#connections.filter((other) => other !== gone);
    });
    this.#connections.push(made);
    return made;
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}

/** All have ended when it settles: until then a value may still be landing. */
async function allOf(replies: readonly Promise<Reply>[]): Promise<Reply[]> {
  const settled = await Promise.allSettled(replies);
  return settled.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}

export function isUnanswered(error: unknown): boolean {
  return isFault(error, "CACHE_UNREACHABLE", "ACCESS_DENIED");
}
