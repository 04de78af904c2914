/** Questions about keys, to whoever has them, redirects followed. */
import { fault } from "../../core/errors.ts";
import { type Command, Refusal, type Reply } from "../resp/index.ts";
import type { RedisNode } from "./node.ts";
import { isUnanswered } from "./node.ts";
import type { Router } from "./router.ts";

/** A slot that moves while it is asked for, and once more. */
const hopsMax = 3;

export class Keyspace {
  readonly router: Router;

  constructor(router: Router) {
    this.router = router;
  }

  /** Asks one server; throws CACHE_UNREACHABLE, ACCESS_DENIED. A refusal that is no redirect is a reply. */
  async askAt(node: RedisNode, command: Command): Promise<Reply> {
    let [at, ask] = [node, false];
    for (let hop = 0; hop < hopsMax; hop++) {
      const reply = await this.#send(at, ask ? [{ words: ["ASKING"] }, command] : [command]);
      const next = reply instanceof Refusal ? await this.router.redirected(reply.text) : undefined;
      if (!next) return reply;
      [at, ask] = [next.node, next.ask];
    }
    throw fault("CACHE_UNREACHABLE", `Redis sends from ${node.place.name} to ${at.place.name} and no further`);
  }

  /** The answers of a key's owners, in their order; undefined of one that does not answer. */
  askOwners(key: string, command: Command): Promise<(Reply | undefined)[]> {
    return Promise.all(this.router.owners(key).map((node) => this.askOrNothing(node, command)));
  }

  async askOrNothing(node: RedisNode, command: Command): Promise<Reply | undefined> {
    try {
      return await this.askAt(node, command);
    } catch (error) {
      if (isUnanswered(error)) return undefined;
      throw error;
    }
  }

  async #send(node: RedisNode, commands: readonly Command[]): Promise<Reply> {
    try {
      return (await node.askAll(commands)).at(-1) as Reply;
    } catch (error) {
      this.router.doubted();
      throw error;
    }
  }
}
