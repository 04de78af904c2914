/** What it means to split a tensor: one dimension, in one or more sections that are each shared out by themselves. */

/** Neighbouring indexes of the split dimension that belong together, such as the queries of a fused query-key-value matrix. */
export interface Section {
  /** How many indexes. */
  readonly size: number;
  /** Into how many equal, indivisible units they fall: heads, or single indexes. Divides `size`. */
  readonly units: number;
  /** Where there are fewer units than ranks, several ranks get the same unit (key and value heads) instead of an error. */
  readonly shared: boolean;
}

export type Split =
  | { readonly kind: "replicate" }
  | {
      readonly kind: "split";
      readonly dim: number;
      /** In order; their sizes sum up to the dimension. */
      readonly sections: readonly Section[];
      /** What happens when the ranks do not divide the sections: an error, or every rank gets the whole tensor. */
      readonly uneven: "refuse" | "replicate";
    };

export const replicate: Split = { kind: "replicate" };

/** Indexes that may be split anywhere. */
export function plainSection(size: number): Section {
  return { size, units: size, shared: false };
}
