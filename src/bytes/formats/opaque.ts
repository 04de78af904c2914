import type { Layout } from "./format.ts";

/** The layout of a file that no format reads: bytes without tensors. */
export const opaqueLayout: Layout = { format: "opaque", tensors: [], external: new Map() };
