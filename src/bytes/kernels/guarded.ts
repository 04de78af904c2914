/** For tests: arrays at odd places in a memory, each between guards that show when anything was written beside it. */
import assert from "node:assert/strict";

const guardBytes = 32;
const guardByte = 0xa5;

export class Guarded {
  readonly #memory: Uint8Array;
  readonly #start: number;
  #at: number;
  #views: Uint8Array[] = [];

  constructor(memory: Uint8Array, start: number) {
    this.#memory = memory;
    this.#start = start;
    this.#at = start;
  }

  /** Room of `bytes`, `skew` bytes off the alignment. */
  room(bytes: number, skew = 0): Uint8Array {
    const start = Math.ceil((this.#at + guardBytes) / 16) * 16 + skew;
    this.#memory.fill(guardByte, this.#at, start + bytes + guardBytes);
    this.#at = start + bytes + guardBytes;
    const view = this.#memory.subarray(start, start + bytes);
    this.#views.push(view);
    return view;
  }

  place(content: Uint8Array | readonly number[], skew = 0): Uint8Array {
    const view = this.room(content.length, skew);
    view.set(content);
    return view;
  }

  /** Fails when a byte outside the arrays changed, and forgets them. */
  check(): void {
    let from = this.#start;
    for (const view of this.#views) {
      this.#checkGuard(from, view.byteOffset - this.#memory.byteOffset);
      from = view.byteOffset - this.#memory.byteOffset + view.byteLength;
    }
    this.#checkGuard(from, this.#at);
    this.#views = [];
    this.#at = this.#start;
  }

  #checkGuard(start: number, end: number): void {
    const touched = this.#memory.subarray(start, end).findIndex((byte) => byte !== guardByte);
    assert.equal(touched, -1, `a byte outside the arrays was written, at ${start + touched}`);
  }
}
