/** The one schema of `holdfast.yaml`. Descriptions are what docs/configuration.md prints. */
import { z } from "zod";
import { isFault } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import { parseDomainName, parseVolumeName } from "../core/names.ts";
import { MiB, parseBytes } from "../core/units.ts";
import { policyNames } from "../places/cache/policy.ts";
import { isCoordinateUrl } from "../places/coordinate/index.ts";

/** A check by the parser that the rest of the program uses, with its message. */
function parsedBy<T>(parse: (text: string) => T) {
  return (text: string, context: z.RefinementCtx): T | never => {
    try {
      return parse(text);
    } catch (error) {
      if (!isFault(error)) throw error;
      context.addIssue({ code: "custom", message: error.message });
      return z.NEVER;
    }
  };
}

const volume = z.strictObject({
  name: z.string().transform(parsedBy(parseVolumeName)).describe("Its name in the store. A volume that replaces another gets a new name."),
  url: z.string().min(1).describe("Where it is: a folder, absolute or from the folder of the store, or the URL of a bucket or a folder in HDFS (see above)."),
  domain: z
    .string()
    .transform(parsedBy(parseDomainName))
    .optional()
    .describe("What can fail at once with it: two replicas never share one while there are others. Default: the volume by itself."),
  weight: z.number().positive().max(1e6).default(1).describe("Its share of new objects relative to the other volumes."),
});

const size = z.union([z.string(), z.int().positive()]).transform((text, context) => (typeof text === "number" ? text : parsedBy(parseBytes)(text, context)));

const maxmemoryPolicies = [
  "allkeys-lru",
  "allkeys-lfu",
  "allkeys-random",
  "volatile-lru",
  "volatile-lfu",
  "volatile-random",
  "volatile-ttl",
  "noeviction",
] as const;

const tier = z
  .strictObject({
    memory: size.optional().describe("A tier in the memory of the process, of this size. At most about 3.5 GiB, and half of the machine's memory."),
    disk: z
      .string()
      .min(1)
      .optional()
      .describe("A tier in this folder, absolute or from the folder of the store. It survives restarts, and processes may share it."),
    redis: z
      .array(z.string().regex(/^rediss?:\/\/[^/?#]+\/?(?:\?[^#]*)?$/, "write redis://host:port, or rediss:// for TLS"))
      .min(1)
      .max(256)
      .optional()
      .describe("A tier on these servers: `redis://[user@]host:port`, `rediss:` for TLS, with `?weight=2` for a node of a ring that takes twice as much."),
    name: z.string().transform(parsedBy(parseDomainName)).optional().describe("What `--tier` calls it. Default: `memory`, `disk` or `redis`."),
    size: size.optional().describe("Of a disk tier: what it may take. Default: `10GiB`."),
    policy: z.enum(policyNames).optional().describe("Of a memory or disk tier: what goes first when it is full. Default: `lru` (docs/cache.md compares them)."),
    mode: z
      .enum(["cluster", "ring"])
      .optional()
      .describe("Of a Redis tier: a Redis Cluster, found through any of its nodes, or standalone servers on a consistent-hash ring. Default: `ring`."),
    copies: z.int().min(1).max(8).optional().describe("Of a ring: on how many nodes each value is kept. Default: 1."),
    "maxmemory-policy": z
      .enum(maxmemoryPolicies)
      .optional()
      .describe(
        "Of a Redis tier: is set on the servers. From the first pinned version on, the `volatile-` one of the same kind. Default: the servers' own stays.",
      ),
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/, "use letters, digits, '.', '_', '-'")
      .optional()
      .describe("Of a Redis tier: what its keys begin with. Default: `holdfast`."),
  })
  .superRefine((entry, context) => {
    const kinds = (["memory", "disk", "redis"] as const).filter((kind) => entry[kind] !== undefined);
    if (kinds.length !== 1) return context.addIssue({ code: "custom", message: "name one of memory, disk and redis" });
    for (const [setting, kind] of Object.entries(settingsOfKinds))
      if (entry[setting as keyof typeof entry] !== undefined && !(kind as readonly string[]).includes(kinds[0] as string))
        context.addIssue({ code: "custom", path: [setting], message: `a ${kinds[0]} tier has no such setting` });
  });

const settingsOfKinds = {
  size: ["disk"],
  policy: ["memory", "disk"],
  mode: ["redis"],
  copies: ["redis"],
  "maxmemory-policy": ["redis"],
  prefix: ["redis"],
} as const satisfies Record<string, readonly string[]>;

export const configSchema = z.strictObject({
  catalog: z
    .string()
    .min(1)
    .default("sqlite:catalog.sqlite")
    .describe("Where the catalog is: `sqlite:` and a file, absolute or from the folder of the store; or `postgres://user@host:port/database?schema=holdfast`."),
  replicas: z
    .int()
    .min(1)
    .max(limits.replicasMax)
    .default(1)
    .describe("Copies of each object, each on a volume of its own. `--replicas` of a command goes before it."),
  volumes: z.array(volume).max(limits.volumesMax).prefault([]).describe("Volumes of the store. Without any, the folder `volumes/main` of the store is one."),
  cache: z
    .array(tier)
    .max(8)
    .optional()
    .describe("Tiers of cache, the nearest first (docs/cache.md). Default: none for the command; `open()` of the library says what it takes."),
  coordinate: z
    .string()
    .refine(isCoordinateUrl, "write embedded, redis://host:port or redis-cluster://host:port")
    .default("embedded")
    .describe(
      "What processes take turns, count and tell each other things through (docs/coordinate.md): `embedded`, each for itself; `redis://[user@]host:port,…`, standalone servers; `redis-cluster://host:port,…`; `rediss:` and `rediss-cluster:` over TLS. With `?prefix=` its keys begin otherwise than with `holdfast`.",
    ),
  memory: size
    .prefault(`${limits.arenaBytes / MiB}MiB`)
    .describe("What pushes and pulls may keep in memory, as `512MiB` or in bytes; never more than half of the machine's. `--memory` goes before it."),
  workers: z
    .int()
    .min(1)
    .max(limits.workersMax)
    .optional()
    .describe(
      "Threads that work on data. Default: three more than there are cores, or one more where all volumes are reached over a network; at most 16. `--workers` goes before it.",
    ),
});

export type Config = z.output<typeof configSchema>;
