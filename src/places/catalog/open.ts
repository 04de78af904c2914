/** The driver for a catalog URL, loaded when it is asked for. */
import { fault } from "../../core/errors.ts";
import type { World } from "../../core/world/index.ts";
import type { Catalog } from "./catalog.ts";

export interface OpenCatalogOptions {
  /** Makes the catalog when it is not there. */
  readonly create: boolean;
  /** 32 hex digits for a new catalog: a rebuild takes the id that the volumes carry. Otherwise a new one is made. */
  readonly clusterId?: string;
}

type Opener = (place: string, world: World, options: OpenCatalogOptions) => Promise<Catalog>;

const openers: Record<string, () => Promise<Opener>> = {
  sqlite: async () => (await import("./sqlite/driver.ts")).openSqliteCatalog,
};

/**
 * Opens `sqlite:PATH`; a relative path is taken from the working directory. Throws CONFIG_INVALID for a scheme that no driver has, and what
 * the driver throws.
 */
export async function openCatalog(url: string, world: World, options: OpenCatalogOptions): Promise<Catalog> {
  const colon = url.indexOf(":");
  const scheme = url.slice(0, Math.max(0, colon));
  const opener = Object.hasOwn(openers, scheme) ? openers[scheme] : undefined;
  const place = url.slice(colon + 1);
  if (!opener || place === "")
    throw fault("CONFIG_INVALID", `no catalog driver for ${JSON.stringify(url)}`, { advice: `Write ${Object.keys(openers).join(":… or ")}:PATH.` });
  return await (await opener())(place, world, options);
}
