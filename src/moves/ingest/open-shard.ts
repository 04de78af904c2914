/** A shard while it grows in memory: sections of frames as workers packed them, each on a page of its own. */
import { frameHeaderBytes, type PlacedFrame, type SealedShard, sealShard, shardPageBytes, toPage } from "../../bytes/shards/index.ts";
import type { DomainName } from "../../core/names.ts";
import type { Lease } from "../../machine/arena.ts";

export class OpenShard implements Disposable {
  readonly domain: DomainName;
  readonly group: number;
  readonly #sections: Lease[] = [];
  readonly frames: PlacedFrame[] = [];
  #end = shardPageBytes;

  constructor(domain: DomainName, group: number) {
    this.domain = domain;
    this.group = group;
  }

  /** Bytes so far, without index and footer. */
  get bytes(): number {
    return this.#end;
  }

  /** Takes over a lease whose bytes are the frames, with offsets from its start; cuts it to whole pages. */
  append(section: Lease, frames: readonly PlacedFrame[]): void {
    const last = frames.at(-1);
    if (!last) {
      section[Symbol.dispose]();
      return;
    }
    const used = last.offset + frameHeaderBytes + last.storedBytes;
    section.bytes.fill(0, used, toPage(used));
    section.shrink(toPage(used));
    this.frames.push(...frames.map((frame) => ({ ...frame, offset: this.#end + frame.offset })));
    this.#sections.push(section);
    this.#end += toPage(used);
  }

  seal(): SealedShard & { readonly body: readonly Uint8Array[] } {
    const sealed = sealShard(this.domain, this.frames, this.#end);
    return { ...sealed, body: [sealed.head, ...this.#sections.map((section) => section.bytes), sealed.tail] };
  }

  [Symbol.dispose](): void {
    for (const section of this.#sections) section[Symbol.dispose]();
    this.#sections.length = 0;
  }
}
