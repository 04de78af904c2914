/** Finds the tensors of files, with as little work as each file deserves. */
import { open } from "node:fs/promises";
import { claimedFormat, formatOf, type Layout, opaqueLayout, probeBytes } from "../../bytes/formats/index.ts";
import { throwIfCancelled } from "../../core/errors.ts";
import { KiB, MiB } from "../../core/units.ts";
import type { World } from "../../core/world/index.ts";
import { sourceFault } from "./source-file.ts";
import { type HeaderBounds, HeaderThread } from "./thread.ts";

export interface HeaderReader extends AsyncDisposable {
  /**
   * Where the tensors of a file of `bytes` bytes lie. A file that claims no format and looks like none is opaque. One
   * that does not parse as its name claims throws FORMAT_INVALID or FORMAT_UNSUPPORTED: the caller keeps or refuses it.
   */
  layout(path: string, fileName: string, bytes: number, signal: AbortSignal): Promise<Layout>;
}

export interface HeaderReaderOptions extends HeaderBounds {
  /** Smaller files whose names claim nothing are opaque unread: their bytes share chunks whatever is in them. */
  readonly probedBytesMin: number;
}

const defaults: HeaderReaderOptions = { deadlineMs: 1000, heapBytesMax: 80 * MiB, probedBytesMin: 64 * KiB };

/** The thread starts with the first file that needs it. */
export function openHeaderReader(world: World, options: Partial<HeaderReaderOptions> = {}): HeaderReader {
  return new ThreadedHeaderReader(world, { ...defaults, ...options });
}

class ThreadedHeaderReader implements HeaderReader {
  readonly #world: World;
  readonly #options: HeaderReaderOptions;
  #thread: HeaderThread | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(world: World, options: HeaderReaderOptions) {
    this.#world = world;
    this.#options = options;
  }

  async layout(path: string, fileName: string, bytes: number, signal: AbortSignal): Promise<Layout> {
    throwIfCancelled(signal);
    if (!claimedFormat(fileName) && !(await this.#looksLikeAny(path, fileName, bytes))) return opaqueLayout;
    return await this.#inTurn(() => {
      throwIfCancelled(signal);
      return this.#liveThread().parse({ path, fileName, bytes }, signal);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread?.[Symbol.asyncDispose]();
    await this.#turn;
  }

  async #looksLikeAny(path: string, fileName: string, bytes: number): Promise<boolean> {
    return bytes >= this.#options.probedBytesMin && formatOf(fileName, await readHead(path)) !== undefined;
  }

  #liveThread(): HeaderThread {
    if (!this.#thread || this.#thread.ended) this.#thread = new HeaderThread(this.#world, this.#options);
    return this.#thread;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }
}

async function readHead(path: string): Promise<Uint8Array> {
  const head = new Uint8Array(probeBytes);
  try {
    await using file = await open(path);
    const { bytesRead } = await file.read(head, 0, probeBytes, 0);
    return head.subarray(0, bytesRead);
  } catch (error) {
    throw sourceFault(path, error);
  }
}
