/** What a kind of volume offers to the registry in open.ts. */
import type { VolumeName } from "../../core/names.ts";
import type { World } from "../../core/world/index.ts";
import type { Checksums } from "../../machine/checksums.ts";
import type { Disk } from "../../machine/disk.ts";
import type { Volume } from "./volume.ts";

/** Where a volume is and what the catalog says of it. */
export interface VolumePlace {
  readonly name: VolumeName;
  readonly url: string;
  readonly failureDomain: string;
}

/** Variables such as AWS_PROFILE, for drivers whose engines have their credentials there. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

export interface VolumeEnvironment {
  readonly disk: Disk;
  /** Default: in the thread of the caller. */
  readonly checksums?: Checksums;
  readonly env?: EnvironmentVariables;
  readonly world: World;
  /** The folder that relative paths start from; without it they are refused. */
  readonly base?: string;
}

/** Of the file system or cluster that a volume is in, shared with whatever else is there; in bytes of objects, so that what is kept three times counts once. */
export interface VolumeSpace {
  readonly capacityBytes: number;
  readonly freeBytes: number;
}

export interface VolumeDriver {
  /** Copies that such a place keeps by itself of every object, as its URL says. Throws CONFIG_INVALID for a URL that is none. */
  copies(url: string): number;
  /** How large the place is and how much is free; undefined where nobody can say, as in a bucket. Throws what the place answers. */
  space(place: VolumePlace, environment: VolumeEnvironment, signal: AbortSignal): Promise<VolumeSpace | undefined>;
  /** Makes the place ready for a first identity. Throws VOLUME_FOREIGN where it holds something else already. */
  prepare(place: VolumePlace, environment: VolumeEnvironment): Promise<void>;
  /** Opens without asking whose it is: that is `checkIdentity`. */
  open(place: VolumePlace, environment: VolumeEnvironment): Promise<Volume>;
}
