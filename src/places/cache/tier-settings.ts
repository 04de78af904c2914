/** What is said of a tier to open it, and what it is given to work with: the seam between the registry in open.ts and the drivers. */
import type { World } from "../../core/world/index.ts";
import type { Arena } from "../../machine/arena.ts";
import type { Disk } from "../../machine/disk.ts";
import type { CopyOutJob } from "../../machine/jobs.ts";
import type { PolicyName } from "./policy.ts";
import type { Tier } from "./tier.ts";

export interface MemorySettings {
  readonly kind: "memory";
  readonly name: string;
  readonly bytes: number;
  readonly policy: PolicyName;
}

export interface DiskSettings {
  readonly kind: "disk";
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
  readonly bytes: number;
  readonly policy: PolicyName;
}

export interface RedisSettings {
  readonly kind: "redis";
  readonly name: string;
  /** `redis://[user:password@]host:port[?weight=w]`, or `rediss:` for TLS. */
  readonly urls: readonly string[];
  readonly mode: "cluster" | "ring";
  /** Of each value, on as many nodes of a ring. */
  readonly copies: number;
  /** Undefined leaves the servers' own. */
  readonly maxmemoryPolicy: string | undefined;
  /** What its keys begin with. */
  readonly prefix: string;
}

export type TierSettings = MemorySettings | DiskSettings | RedisSettings;

export interface TierEnvironment {
  readonly world: World;
  readonly disk: Disk;
  /** The workers' copying. */
  readonly copyOut: (chunks: CopyOutJob["chunks"]) => Promise<readonly (number | undefined)[]>;
  /** Memory for values, which workers decode from where it lies; asked for once by a tier, with what it was told to take. */
  readonly region: (bytes: number) => Arena;
  /** For credentials. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface TierDriver<S extends TierSettings> {
  open(settings: S, environment: TierEnvironment): Promise<Tier>;
}
