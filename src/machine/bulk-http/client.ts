/** Bulk requests over a bounded number of kept connections for each address; `https:` by another way behind the same call. */
import { isFault, throwIfCancelled } from "../../core/errors.ts";
import type { World } from "../../core/world/index.ts";
import { type LaneOptions, Lanes } from "./lanes.ts";
import type { BulkRequest, BulkResponse } from "./message.ts";
import { isRepeatable } from "./request-head.ts";
import { type SecureClient, secureClient } from "./secure.ts";

export interface BulkClientOptions {
  /** To one address; more requests wait. */
  readonly connectionsMax?: number;
  readonly connectMs?: number;
  /** Without a byte in either direction. */
  readonly idleMs?: number;
  /** Certificates of authorities, in PEM, beside those that Node trusts. */
  readonly ca?: string;
}

const defaults = { connectionsMax: 16, connectMs: 5000, idleMs: 25_000 };

export class BulkClient implements AsyncDisposable {
  readonly #world: World;
  readonly #options: LaneOptions & { readonly ca?: string };
  readonly #lanes = new Map<string, Lanes>();
  #secure: SecureClient | undefined;

  constructor(world: World, options: BulkClientOptions = {}) {
    this.#world = world;
    this.#options = { ...defaults, ...options };
  }

  /**
   * Resolves with any whole answer, whatever its status. Throws VOLUME_UNREACHABLE, which says how many bytes came, where there is none: no
   * connection, a reset, a body that is shorter or longer than it says, silence. Throws CANCELLED. When it has thrown, the views of the request are free.
   */
  async request(request: BulkRequest, signal: AbortSignal): Promise<BulkResponse> {
    throwIfCancelled(signal);
    if (request.url.protocol === "https:") return (this.#secure ??= secureClient(this.#options)).request(request, signal);
    const lanes = this.#lanesOf(request.url);
    let closedUnanswered = false;
    try {
      return await lanes.use(false, signal, async (connection) => {
        try {
          return await connection.exchange(request, signal);
        } finally {
          closedUnanswered = connection.closedUnanswered;
        }
      });
    } catch (error) {
      // The other side closed a kept connection just when this request was on its way: that says nothing about the request.
      if (!closedUnanswered || !isRepeatable(request) || !isFault(error, "VOLUME_UNREACHABLE")) throw error;
      return await lanes.use(true, signal, (connection) => connection.exchange(request, signal));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const lanes of this.#lanes.values()) lanes.close();
    await this.#secure?.[Symbol.asyncDispose]();
  }

  #lanesOf({ host, hostname, port }: URL): Lanes {
    const known = this.#lanes.get(host);
    if (known) return known;
    const address = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) };
    for (const [other, lanes] of this.#lanes) if (lanes.empty) this.#lanes.delete(other);
    const lanes = new Lanes(address, this.#world, this.#options);
    this.#lanes.set(host, lanes);
    return lanes;
  }
}
