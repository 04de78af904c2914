/** Where services keep things: everything inside the checkout, under .cache/services. */
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../..");
const servicesFolder = join(root, ".cache/services");

/** State, data and logs of one engine. */
export const folderOf = (engine: string): string => join(servicesFolder, engine);

/** What was downloaded or built, each under a name with its version: it outlives `down --wipe`. */
export const toolFolder = (name: string): string => join(servicesFolder, "tools", name);
