/**
 * Whether the folder in HDFS is still the volume: its identity is there and is the one first seen. Where somebody moved the folder away, or
 * the NameNode serves another HDFS now, every object would look missing and every write would go to the wrong place; so nothing is called
 * missing, and nothing is written, before this was asked. The number of the inode answers it; where that changed, the bytes decide.
 */
import { fault } from "../../../core/errors.ts";
import { KiB } from "../../../core/units.ts";
import type { FileStatus } from "./answers.ts";
import { download } from "./download.ts";
import { identityPath } from "./layout.ts";
import type { Reach } from "./reach.ts";

const identityBytesMax = 4 * KiB;

interface Seen {
  readonly status: FileStatus;
  readonly bytes: Buffer;
}

export class Presence {
  readonly #reach: Reach;
  #seen: Seen | undefined;

  constructor(reach: Reach) {
    this.#reach = reach;
  }

  /** Throws VOLUME_IDENTITY_MISSING, or VOLUME_FOREIGN when another volume lies there now. */
  async require(signal: AbortSignal): Promise<void> {
    const { names, place, volume } = this.#reach;
    const status = await names.status(identityPath(place.root), signal);
    if (!status) throw absent(volume, place.root);
    if (this.#seen && isSame(this.#seen.status, status)) return;
    const bytes = await this.#read(status, signal);
    if (this.#seen && !this.#seen.bytes.equals(bytes))
      throw fault("VOLUME_FOREIGN", `another volume lies at ${place.root} in HDFS than when ${volume} was opened`, {
        advice: "Check the NameNodes and the path in the URL of the volume, then start again.",
      });
    this.#seen = { status, bytes };
  }

  /** What was seen no longer counts: the identity is being rewritten. */
  forget(): void {
    this.#seen = undefined;
  }

  async #read({ bytes: length }: FileStatus, signal: AbortSignal): Promise<Buffer> {
    const { place, volume } = this.#reach;
    const into = Buffer.alloc(Math.min(length, identityBytesMax));
    const read = await download(this.#reach, identityPath(place.root), 0, [into], signal);
    if (read === undefined) throw absent(volume, place.root);
    return into.subarray(0, read);
  }
}

function isSame(a: FileStatus, b: FileStatus): boolean {
  return a.fileId === b.fileId && a.modifiedMs === b.modifiedMs && a.bytes === b.bytes;
}

function absent(volume: string, root: string): Error {
  return fault("VOLUME_IDENTITY_MISSING", `volume ${volume} is not at ${root} in HDFS: there is no identity/volume`, {
    advice: "Check the NameNodes and the path in its URL. If the volume is lost for good, drain and remove it from the store.",
  });
}
