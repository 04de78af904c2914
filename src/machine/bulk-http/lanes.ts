/** The connections to one address: a bounded number, kept open between exchanges, waited for first come first served. */
import { fault, throwIfCancelled } from "../../core/errors.ts";
import type { World } from "../../core/world/index.ts";
import type { Patience } from "../signs-of-life.ts";
import { type Address, Connection } from "./connection.ts";

/** Servers close idle connections too; one that is older is not trusted with a request. */
const idleMsMax = 4000;
const waitersMax = 4096;

export interface LaneOptions extends Patience {
  readonly connectionsMax: number;
}

interface Waiter {
  readonly admit: () => void;
  readonly refuse: (error: Error) => void;
}

export class Lanes {
  readonly #address: Address;
  readonly #world: World;
  readonly #options: LaneOptions;
  readonly #open = new Set<Connection>();
  #idle: Connection[] = [];
  #busy = 0;
  #waiters: Waiter[] = [];
  #closed = false;

  constructor(address: Address, world: World, options: LaneOptions) {
    this.#address = address;
    this.#world = world;
    this.#options = options;
  }

  /** Runs `work` on a connection of its own, a new one where `fresh` is said. Throws CANCELLED while waiting, LIMIT_EXCEEDED where too many wait. */
  async use<T>(fresh: boolean, signal: AbortSignal, work: (connection: Connection) => Promise<T>): Promise<T> {
    await this.#enter(signal);
    try {
      const connection = (fresh ? undefined : this.#takeIdle()) ?? this.#connect();
      try {
        return await work(connection);
      } finally {
        this.#giveBack(connection);
      }
    } finally {
      this.#leave();
    }
  }

  /** Nobody uses it, and nothing is open. */
  get empty(): boolean {
    return this.#busy === 0 && this.#open.size === 0;
  }

  close(): void {
    this.#closed = true;
    for (const waiter of this.#waiters.splice(0)) waiter.refuse(this.#closedFault());
    for (const connection of this.#open) connection.close();
  }

  #enter(signal: AbortSignal): Promise<void> | void {
    throwIfCancelled(signal);
    if (this.#closed) throw this.#closedFault();
    if (this.#busy >= this.#options.connectionsMax || this.#waiters.length > 0) return this.#wait(signal);
    this.#busy++;
  }

  #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiters.length >= waitersMax) throw fault("LIMIT_EXCEEDED", `more than ${waitersMax} requests wait for ${this.#address.host}`);
    return new Promise((resolve, reject) => {
      const abandon = (): void => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(fault("CANCELLED", "cancelled while waiting for a connection", { cause: signal.reason }));
      };
      const settled = (say: () => void): void => {
        signal.removeEventListener("abort", abandon);
        say();
      };
      const waiter: Waiter = { admit: () => settled(resolve), refuse: (error) => settled(() => reject(error)) };
      signal.addEventListener("abort", abandon, { once: true });
      this.#waiters.push(waiter);
    });
  }

  /** The place goes to the first who waits, or is free. */
  #leave(): void {
    const next = this.#waiters.shift();
    if (next) next.admit();
    else this.#busy--;
  }

  /** The one used last: the others grow old and are closed. */
  #takeIdle(): Connection | undefined {
    const oldest = this.#world.ticks() - idleMsMax;
    for (const connection of this.#idle.filter(({ idleSince }) => idleSince < oldest)) connection.close();
    this.#idle = this.#idle.filter((connection) => connection.idleSince >= oldest && connection.usable);
    return this.#idle.pop();
  }

  #connect(): Connection {
    while (this.#idle.length > 0 && this.#open.size >= this.#options.connectionsMax) this.#idle.shift()?.close();
    const connection = new Connection(this.#address, this.#world, this.#options, (gone) => this.#forget(gone));
    this.#open.add(connection);
    return connection;
  }

  #giveBack(connection: Connection): void {
    if (this.#closed || !connection.usable) connection.close();
    else this.#idle.push(connection);
  }

  #forget(connection: Connection): void {
    this.#open.delete(connection);
    this.#idle = this.#idle.filter((other) => other !== connection);
  }

  #closedFault(): Error {
    return fault("CANCELLED", `the connections to ${this.#address.host} are closed`);
  }
}
