/**
 * Where each kernel keeps its tables, as offsets in the workspace that the caller lends. Nothing lives in static data:
 * several instances share one memory, and each works in the workspace of its thread.
 * The same sizes stand in src/bytes/kernels/workspace.ts.
 */

/** u32[4][256]: symbol counts, four tables so that equal neighbours do not wait for each other's store; the first holds the sum. */
export const COUNTS: usize = 0;
/** u8[256]: code lengths. */
export const LENGTHS: usize = 4096;
/** u32[256]: code bits in the low 24 bits, length in the high 8. */
export const CODES: usize = 4608;
/** Working room of the code-length construction: sorted symbols, weights, parents, depths. */
export const BUILD: usize = 8192;
/** u16[4096]: symbol and length of the code that starts with these bits. */
export const SINGLE: usize = 24576;
/** u64[4096]: up to six symbols for these bits. */
export const MULTI: usize = 32768;
/** u32[65536]: joined code of two symbols. */
export const PAIR_CODES: usize = 131072;
/** u32[65536]: counts of two neighbouring symbols. */
export const PAIR_COUNTS: usize = 393216;

/** Tables of the delta coder: 16 contexts × 64 symbols, 512 states (delta/tables.ts). */
export const DELTA: usize = 655360;

/** u64[256]: gear values of the content cut. Written once by `prepare`, read only afterwards. */
export const GEAR: usize = 917504;
/** 256 × 16 bytes: byte shuffles that close the gaps of eight 16-bit lanes; then the same to open them. */
export const COMPACT16: usize = 919552;
export const EXPAND16: usize = 923648;
/** 16 × 16 bytes each: the same for four 32-bit lanes. */
export const COMPACT32: usize = 927744;
export const EXPAND32: usize = 928000;

/** Room for coded streams before their sizes are known. */
export const SPILL: usize = 1048576;
