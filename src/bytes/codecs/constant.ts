/** CONST: a chunk that is one value over and over: zeros, ones, a fill. */
import type { Codec } from "./codec.ts";
import type { Tools } from "./room.ts";
import { corrupt } from "./stored.ts";

const periods = [1, 2, 4, 8] as const;

export function constantCodec(tools: Tools): Codec {
  return {
    id: 1,
    name: "CONST",
    encode(raw, _hint, out) {
      const period = periodOf(tools, raw);
      if (period === undefined || period > out.length) return 0;
      out.set(raw.subarray(0, period));
      return period;
    },
    decode(stored, _base, out) {
      if (stored.length < 1 || stored.length > 8 || stored.length > out.length) throw corrupt("no constant has this size");
      repeat(stored, out);
    },
  };
}

/** The first period that the bytes have. Comparing bytes with themselves, shifted, ends at once for anything else. */
function periodOf(tools: Tools, raw: Uint8Array): number | undefined {
  return periods.find((period) => period <= raw.length && tools.kernels.equal(raw.subarray(period), raw.subarray(0, raw.length - period)));
}

/** By doubling what is already there. */
function repeat(value: Uint8Array, out: Uint8Array): void {
  if (value.length === 1) return void out.fill(value[0] as number);
  out.set(value);
  for (let done = value.length; done < out.length; done *= 2) out.copyWithin(done, 0, Math.min(done, out.length - done));
}
