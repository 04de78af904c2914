/** What a data worker has at hand: the kernels on the shared memory, room of its own in it, open files and running digests. */
import type { Hash } from "node:crypto";
import { type ChunkCodec, openCodecs } from "../../bytes/codecs/index.ts";
import { type Kernels, openKernels } from "../../bytes/kernels/index.ts";
import { limits } from "../../core/limits.ts";
import type { World } from "../../core/world/index.ts";
import { type Descriptors, openDescriptors } from "../file-io.ts";
import { kernelScratchBytes } from "../memory-map.ts";
import { Stopwatch } from "../stopwatch.ts";

export interface Desk {
  readonly kernels: Kernels;
  readonly codecs: ChunkCodec;
  readonly gathered: Uint8Array;
  readonly links: readonly [Uint8Array, Uint8Array];
  readonly files: Descriptors;
  readonly hashes: Map<string, Hash>;
  readonly memory: WebAssembly.Memory;
  readonly watch: Stopwatch;
}

export function openDesk(memory: WebAssembly.Memory, offset: number, world: World): Desk {
  const scratch = { offset, bytes: kernelScratchBytes };
  const room = (index: number): Uint8Array => new Uint8Array(memory.buffer, offset + kernelScratchBytes + index * limits.chunkBytesMax, limits.chunkBytesMax);
  return {
    kernels: openKernels(memory, scratch),
    codecs: openCodecs(memory, scratch),
    gathered: room(0),
    links: [room(1), room(2)],
    files: openDescriptors(),
    hashes: new Map(),
    memory,
    watch: new Stopwatch(world.ticks),
  };
}
