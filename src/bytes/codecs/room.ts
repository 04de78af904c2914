/** What every codec works with: the kernels, and room in shared memory for planes. */
import { fault } from "../../core/errors.ts";
import type { Kernels, Scratch } from "../kernels/index.ts";

const alignBytes = 64;

/** Hands out pieces of a scratch one behind the other; all come back at once when the next chunk begins. */
export class Room {
  readonly #bytes: Uint8Array;
  #used = 0;

  constructor(memory: WebAssembly.Memory, scratch: Scratch) {
    this.#bytes = new Uint8Array(memory.buffer, scratch.offset, scratch.bytes);
  }

  clear(): void {
    this.#used = 0;
  }

  take(bytes: number): Uint8Array {
    const start = this.#used;
    if (start + bytes > this.#bytes.length) throw fault("LIMIT_EXCEEDED", `codecs need more than ${this.#bytes.length} bytes of scratch`);
    this.#used = Math.ceil((start + bytes) / alignBytes) * alignBytes;
    return this.#bytes.subarray(start, start + bytes);
  }
}

export interface Tools {
  readonly kernels: Kernels;
  readonly room: Room;
}
