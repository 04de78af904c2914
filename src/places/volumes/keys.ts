/** The only maker and reader of object keys. The generation is part of the physical key, so that a late delete cannot hit a newer upload. */
import { type Digest, parseDigest } from "../../core/digest.ts";
import { fault } from "../../core/errors.ts";
import { type DomainName, parseDomainName } from "../../core/names.ts";
import type { ObjectKey } from "./volume.ts";

export type ObjectKind = "shard" | "manifest" | "reflog";

export interface KeyParts {
  readonly kind: ObjectKind;
  readonly domain: DomainName;
  readonly digest: Digest;
  readonly generation: number;
}

export const identityKey = "identity/volume" as ObjectKey;

export function objectKey({ kind, domain, digest, generation }: KeyParts): ObjectKey {
  return `${kind}/${domain}/${digest.slice(0, 2)}/${digest}-${generation}` as ObjectKey;
}

const pattern = /^(shard|manifest|reflog)\/([^/]{1,96})\/([0-9a-f]{2})\/([0-9a-f]{64})-([0-9]{1,15})$/;

/** The parts of a key, or undefined for a name that is not one of ours. */
export function parseObjectKey(text: string): KeyParts | undefined {
  const match = pattern.exec(text);
  if (!match || match[4]?.slice(0, 2) !== match[3] || !isDomainName(match[2] as string)) return undefined;
  return {
    kind: match[1] as ObjectKind,
    domain: parseDomainName(match[2] as string),
    digest: parseDigest(match[4] as string),
    generation: Number(match[5]),
  };
}

function isDomainName(text: string): boolean {
  try {
    parseDomainName(text);
    return true;
  } catch {
    return false;
  }
}

export function requireObjectKey(text: string): ObjectKey {
  if (text !== identityKey && !parseObjectKey(text)) throw fault("NAME_INVALID", `not an object key: ${JSON.stringify(text)}`);
  return text as ObjectKey;
}
