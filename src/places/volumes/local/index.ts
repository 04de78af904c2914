/** A volume in a folder of this machine or of a network file system: a plain path, or a `file:` URL. */
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { fault } from "../../../core/errors.ts";
import type { VolumeDriver } from "../volume-driver.ts";
import { openLocalVolume } from "./driver.ts";
import { spaceAt } from "./headroom.ts";
import { prepareRoot } from "./root.ts";

export { type LocalVolumeOptions, openLocalVolume } from "./driver.ts";
export { prepareRoot, type Swept, sweepTemporaries } from "./root.ts";

export const driver: VolumeDriver = {
  copies: () => 1,
  space: ({ url, name }, { base }) => spaceAt(rootOf(url, base), `volume ${name}`),
  async prepare({ url }, { base }) {
    await prepareRoot(rootOf(url, base));
  },
  async open({ url, name, failureDomain }, { disk, world, base }) {
    return openLocalVolume({ root: rootOf(url, base), name, failureDomain, disk, world });
  },
};

/** Throws CONFIG_INVALID for a relative path without a folder to start from, and for a URL with a host, a query or a fragment. */
export function rootOf(url: string, base: string | undefined): string {
  const path = url.startsWith("file:") ? pathOfUrl(url) : url;
  if (isAbsolute(path)) return resolve(path);
  if (base === undefined) throw fault("CONFIG_INVALID", `the folder of a volume must be an absolute path: ${JSON.stringify(url)}`);
  return resolve(base, path);
}

function pathOfUrl(url: string): string {
  try {
    const parsed = new URL(url);
    if (parsed.search !== "" || parsed.hash !== "") throw new TypeError("a local volume has no settings in its URL");
    return fileURLToPath(parsed);
  } catch (error) {
    throw fault("CONFIG_INVALID", `not a file URL: ${JSON.stringify(url)}`, { cause: error });
  }
}
