/** What every driver of the kernels must do. Each array stands between guards, at an odd place. */
import { describe } from "node:test";
import { contentConforms } from "./conformance-content.ts";
import { deltasConform } from "./conformance-deltas.ts";
import { entropyConforms } from "./conformance-entropy.ts";
import { planesConform } from "./conformance-planes.ts";
import { rowsConform } from "./conformance-rows.ts";
import { sparseConforms } from "./conformance-sparse.ts";
import type { Guarded } from "./guarded.ts";
import type { Kernels } from "./kernels.ts";

export function kernelConformance(name: string, kernels: Kernels, memory: Guarded): void {
  describe(`kernels: ${name}`, () => {
    for (const conforms of [planesConform, entropyConforms, sparseConforms, deltasConform, rowsConform, contentConforms]) conforms(kernels, memory);
  });
}
