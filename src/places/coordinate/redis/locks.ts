import { throwIfCancelled } from "../../../core/errors.ts";
import type { World } from "../../../core/world/index.ts";
import type { Held, Locks } from "../locks.ts";
import type { Servers } from "./servers.ts";

/**
 * The token is the last one and one more, or the server's time in microseconds where that is more: so it still grows when the server forgot
 * the last, restarted or was replaced. Lua's numbers are doubles, which hold it exactly, and write it with an exponent unless told.
 */
const takeScript = `
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return false end
local time = redis.call('TIME')
local token = math.max((tonumber(redis.call('GET', KEYS[2])) or 0) + 1, time[1] * 1000000 + time[2])
local text = string.format('%.0f', token)
redis.call('SET', KEYS[2], text, 'PX', ARGV[3])
return text`;
const renewScript = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) else return 0 end";
const releaseScript = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end";

/** How long the last token is remembered, in leases. */
const tokenLeases = 60;

export class RedisLocks implements Locks {
  readonly #servers: Servers;
  readonly #prefix: string;
  readonly #world: World;

  constructor(servers: Servers, prefix: string, world: World) {
    this.#servers = servers;
    this.#prefix = prefix;
    this.#world = world;
  }

  async take(names: readonly string[], leaseMs: number, signal: AbortSignal): Promise<readonly (Held | undefined)[]> {
    throwIfCancelled(signal);
    const asked = names.map((name) => this.#take(name, leaseMs));
    try {
      return await Promise.all(asked);
    } catch (error) {
      const taken = (await Promise.allSettled(asked)).flatMap((one) => (one.status === "fulfilled" && one.value ? [one.value] : []));
      await this.release(taken).catch(() => undefined);
      throw error;
    }
  }

  async #take(name: string, leaseMs: number): Promise<Held | undefined> {
    const [key, tokenKey] = this.#keysOf(name);
    const holder = this.#world.id();
    const lease = String(Math.ceil(leaseMs));
    const reply = await this.#servers.ask(key, ["EVAL", takeScript, "2", key, tokenKey, holder, lease, String(Math.ceil(leaseMs * tokenLeases))]);
    return typeof reply === "string" ? { name, token: Number(reply), holder } : undefined;
  }

  async renew({ name, holder }: Held, leaseMs: number, signal: AbortSignal): Promise<boolean> {
    throwIfCancelled(signal);
    const [key] = this.#keysOf(name);
    return (await this.#servers.ask(key, ["EVAL", renewScript, "1", key, holder, String(Math.ceil(leaseMs))])) === 1;
  }

  async release(held: readonly Held[]): Promise<void> {
    await Promise.all(
      held.map(({ name, holder }) => {
        const [key] = this.#keysOf(name);
        return this.#servers.ask(key, ["EVAL", releaseScript, "1", key, holder]);
      }),
    );
  }

  /** In one slot, since a script may only touch keys of one. */
  #keysOf(name: string): readonly [string, string] {
    return [`${this.#prefix}:l:{${name}}`, `${this.#prefix}:t:{${name}}`];
  }
}
