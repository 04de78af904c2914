/** Where the parts of a volume lie in a bucket: all under its prefix, objects under their keys. */
import { identityKey, parseObjectKey, requireObjectKey } from "../keys.ts";
import type { ObjectKey } from "../volume.ts";
import { probeName } from "./conditions.ts";

export interface Layout {
  /** What all names of the volume begin with; empty, or with a slash at its end. */
  readonly start: string;
  readonly nameOf: (key: ObjectKey) => string;
  /** Undefined for a name that is not one of our objects. */
  readonly keyOf: (name: string) => ObjectKey | undefined;
  readonly probe: string;
}

export function layoutOf(prefix: string): Layout {
  const start = prefix === "" ? "" : `${prefix}/`;
  return {
    start,
    // Keys are safe as names; one that was cast and not made is refused with NAME_INVALID.
    nameOf: (key) => `${start}${requireObjectKey(key)}`,
    keyOf: (name) => {
      const key = name.startsWith(start) ? name.slice(start.length) : "";
      return key === identityKey || parseObjectKey(key) ? (key as ObjectKey) : undefined;
    },
    probe: `${start}${probeName}`,
  };
}
