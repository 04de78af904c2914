/** Strided rows and comparison. */
import type { RowKernels } from "../kernels.ts";

export const twinRows: RowKernels = {
  gather(src, stride, rowBytes, rows, out) {
    for (let r = 0; r < rows; r++) out.set(src.subarray(r * stride, r * stride + rowBytes), r * rowBytes);
  },
  scatter(src, rowBytes, rows, out, stride) {
    for (let r = 0; r < rows; r++) out.set(src.subarray(r * rowBytes, (r + 1) * rowBytes), r * stride);
  },
  equal: (a, b) => a.every((byte, i) => byte === b[i]),
};
