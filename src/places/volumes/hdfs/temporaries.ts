/**
 * Files that are being written, under names that nobody reads. Each opening of a volume has a folder for its own in `tmp`, so that all of it
 * can go at once: a DataNode may make a file after its upload was given up and its name removed in vain, but not in a folder that is gone.
 */
import type { World } from "../../../core/world/index.ts";
import { inOwnTime } from "../own-time.ts";
import { temporaryPath } from "./layout.ts";
import type { Names } from "./names.ts";

export class Temporaries {
  readonly #world: World;
  readonly #names: Names;
  readonly #folder: string;
  #used = false;

  constructor(world: World, names: Names, root: string) {
    this.#world = world;
    this.#names = names;
    this.#folder = temporaryPath(root, world.id());
  }

  /** Makes the folder, also where somebody swept it meanwhile, and returns a name in it that was never used. In safe mode that is refused. */
  async fresh(signal: AbortSignal): Promise<string> {
    this.#used = true;
    await this.#names.makeFolder(this.#folder, signal);
    return `${this.#folder}/${this.#world.id()}`;
  }

  /** After a write that failed or was cancelled. Best effort. */
  async discard(path: string): Promise<void> {
    await inOwnTime(this.#world, (signal) => this.#names.remove(path, false, signal));
  }

  /** When the volume is let go. Best effort: what stays is swept in a day. */
  async clear(): Promise<void> {
    if (this.#used) await inOwnTime(this.#world, (signal) => this.#names.remove(this.#folder, true, signal));
  }
}
