/** The one schema of `holdfast.yaml`. Descriptions are what docs/configuration.md prints. */
import { z } from "zod";
import { isFault } from "../core/errors.ts";
import { limits } from "../core/limits.ts";
import { parseDomainName, parseVolumeName } from "../core/names.ts";
import { MiB, parseBytes } from "../core/units.ts";

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
  memory: z
    .union([z.string(), z.int().positive()])
    .transform((size, context) => (typeof size === "number" ? size : parsedBy(parseBytes)(size, context)))
    .prefault(`${limits.arenaBytes / MiB}MiB`)
    .describe("What pushes and pulls may keep in memory, as `512MiB` or in bytes; never more than half of the machine's. `--memory` goes before it."),
  workers: z
    .int()
    .min(1)
    .max(limits.workersMax)
    .optional()
    .describe("Threads that work on data. Default: one more than there are cores, 2 to 16. `--workers` goes before it."),
});

export type Config = z.output<typeof configSchema>;
