/** The registry: from the URL of a catalog to its driver, loaded when it is asked for. */
import { resolve } from "node:path";
import { fault } from "../../core/errors.ts";
import type { World } from "../../core/world/index.ts";
import type { Catalog } from "./catalog.ts";
import type { CatalogDriver, OpenCatalogOptions } from "./catalog-driver.ts";

const drivers: Readonly<Record<string, () => Promise<{ readonly driver: CatalogDriver }>>> = {
  sqlite: () => import("./sqlite/index.ts"),
  postgres: () => import("./postgres/index.ts"),
  postgresql: () => import("./postgres/index.ts"),
};

const file = "sqlite:";

/** Whether a driver takes URLs like this one. Says nothing of what lies there. */
export function isCatalogUrl(url: string): boolean {
  const colon = url.indexOf(":");
  return colon > 0 && colon < url.length - 1 && Object.hasOwn(drivers, url.slice(0, colon));
}

/** The URL with a path that starts from nowhere starting from `folder`. */
export function catalogUrlFrom(folder: string, url: string): string {
  return url.startsWith(file) ? `${file}${resolve(folder, url.slice(file.length))}` : url;
}

/**
 * Opens `sqlite:PATH`, where a relative path is taken from the working directory, or `postgres://USER@HOST/DATABASE`. Throws CONFIG_INVALID
 * for a URL that no driver takes, and what the driver throws.
 */
export async function openCatalog(url: string, world: World, options: OpenCatalogOptions): Promise<Catalog> {
  return (await driverOf(url)).open(url, world, options);
}

/** Whether something lies at the URL, whole or damaged. Throws CATALOG_UNREACHABLE, ACCESS_DENIED when that cannot be told. */
export async function catalogIsThere(url: string, world: World): Promise<boolean> {
  return (await driverOf(url)).isThere(url, world);
}

/** Where a rebuild lets the catalog grow that will take the place of the one at the URL. */
export async function catalogBeside(url: string): Promise<string> {
  return (await driverOf(url)).besideOf(url);
}

/** The end of a rebuild: the closed catalog at `fresh`, which is beside `url`, becomes the one at `url`. See `CatalogDriver.swap`. */
export async function swapCatalog(fresh: string, url: string, world: World): Promise<string | undefined> {
  const [one, other] = [await driverOf(fresh), await driverOf(url)];
  if (one !== other) throw fault("CONFIG_INVALID", `a catalog of one kind cannot take the place of one of another kind`);
  return one.swap(fresh, url, world);
}

/** Removes a catalog that was not finished, or nothing. */
export async function discardCatalog(url: string, world: World): Promise<void> {
  await (await driverOf(url)).discard(url, world);
}

async function driverOf(url: string): Promise<CatalogDriver> {
  const load = isCatalogUrl(url) ? drivers[url.slice(0, url.indexOf(":"))] : undefined;
  if (!load)
    throw fault("CONFIG_INVALID", `no catalog driver for ${JSON.stringify(withoutPassword(url))}`, {
      advice: "Write sqlite:FILE, or postgres://USER@HOST/DATABASE.",
    });
  return (await load()).driver;
}

/** For messages: what stands before the `@` of a URL is nobody else's business. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, "//…@");
}
