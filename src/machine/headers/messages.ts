/** What the event loop and the header thread say to each other: one file at a time, its tensors in batches that are asked for. */
import type { ErrorCode } from "../../core/errors.ts";
import type { TensorEntry } from "../../core/manifest.ts";

export interface HeaderJob {
  readonly path: string;
  /** What the name claims decides the format; no folders. */
  readonly fileName: string;
  readonly bytes: number;
}

export type HeaderRequest = { readonly kind: "parse"; readonly job: HeaderJob } | { readonly kind: "more" };

/** Tensors of the file itself, or of the external file at a path relative to it. */
export interface TensorBatch {
  readonly external: string | undefined;
  readonly tensors: readonly TensorEntry[];
}

export type HeaderReply =
  | { readonly kind: "ready" }
  | { readonly kind: "layout"; readonly format: string }
  | { readonly kind: "batch"; readonly batch: TensorBatch }
  | { readonly kind: "end" }
  | { readonly kind: "fault"; readonly code: ErrorCode; readonly message: string; readonly advice: string | undefined }
  | { readonly kind: "crash"; readonly message: string };
