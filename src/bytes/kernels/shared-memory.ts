/**
 * Which views are in the memory of the kernels, and where. A worker gets views on buffers that were posted to it: other
 * objects on the same bytes. Such a buffer is recognized by writing a mark through one and reading it through the other.
 */
import { fault } from "../../core/errors.ts";
import type { Scratch } from "./kernels.ts";

/** Kernels form addresses a little behind the end of an array, which must not wrap around. */
const addressEnd = 2 ** 32 - 65536;

export class SharedMemory {
  readonly #memory: WebAssembly.Memory;
  readonly #workspace: Scratch;
  readonly #known = new WeakSet<object>();

  constructor(memory: WebAssembly.Memory, workspace: Scratch) {
    this.#memory = memory;
    this.#workspace = workspace;
    const end = workspace.offset + workspace.bytes;
    if (workspace.offset % 16 !== 0 || end > Math.min(memory.buffer.byteLength, addressEnd))
      throw fault("ARGUMENT_INVALID", `kernel scratch of ${workspace.bytes} bytes at ${workspace.offset} does not fit the memory`);
  }

  /** Byte offset of a view. Throws ARGUMENT_INVALID for a view elsewhere, on the workspace, or at the very end of 4 GiB. */
  at(view: Uint8Array): number {
    if (!this.#known.has(view.buffer)) this.#recognize(view.buffer);
    const start = view.byteOffset;
    const end = start + view.byteLength;
    const { offset, bytes } = this.#workspace;
    if (end > addressEnd || (start < offset + bytes && end > offset && start < end))
      throw fault("ARGUMENT_INVALID", `kernel call: bytes ${start} to ${end} are not free for it`);
    return start;
  }

  #recognize(buffer: ArrayBufferLike): void {
    if (buffer !== this.#memory.buffer && !this.#shares(buffer)) throw fault("ARGUMENT_INVALID", "kernel call: an array is not in the memory of the kernels");
    this.#known.add(buffer);
  }

  #shares(buffer: ArrayBufferLike): boolean {
    const { offset } = this.#workspace;
    if (!(buffer instanceof SharedArrayBuffer) || buffer.byteLength < offset + 4) return false;
    const ours = new Int32Array(this.#memory.buffer, offset, 1);
    const theirs = new Int32Array(buffer, offset, 1);
    return [0x5a17c3e9, ~0x5a17c3e9].every((mark) => {
      Atomics.store(ours, 0, mark);
      return Atomics.load(theirs, 0) === mark;
    });
  }
}
