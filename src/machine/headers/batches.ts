/** A layout cut into pieces that cross threads one at a time: taking in a million tensors at once would hold up the event loop. */
import type { Layout } from "../../bytes/formats/index.ts";
import type { TensorEntry } from "../../core/manifest.ts";
import type { TensorBatch } from "./messages.ts";

const tensorsPerBatch = 4096;

export function* batchesOf(layout: Layout): Generator<TensorBatch> {
  yield* cut(undefined, layout.tensors);
  for (const [external, tensors] of layout.external) yield* cut(external, tensors);
}

function* cut(external: string | undefined, tensors: readonly TensorEntry[]): Generator<TensorBatch> {
  for (let at = 0; at < tensors.length; at += tensorsPerBatch) yield { external, tensors: tensors.slice(at, at + tensorsPerBatch) };
}

/** Puts the batches of one file together again. */
export class LayoutBuilder {
  readonly #format: string;
  readonly #tensors: TensorEntry[] = [];
  readonly #external = new Map<string, TensorEntry[]>();

  constructor(format: string) {
    this.#format = format;
  }

  add({ external, tensors }: TensorBatch): void {
    this.#listOf(external).push(...tensors);
  }

  layout(): Layout {
    return { format: this.#format, tensors: this.#tensors, external: this.#external };
  }

  #listOf(external: string | undefined): TensorEntry[] {
    if (external === undefined) return this.#tensors;
    const list = this.#external.get(external) ?? [];
    this.#external.set(external, list);
    return list;
  }
}
