/** RAW: the chunk as it is. */
import type { Codec } from "./codec.ts";
import { corrupt } from "./stored.ts";

export const rawCodec: Codec = {
  id: 0,
  name: "RAW",
  encode(raw, _hint, out) {
    out.set(raw);
    return raw.length;
  },
  decode(stored, _base, out) {
    if (stored.length !== out.length) throw corrupt(`${stored.length} raw bytes for a chunk of ${out.length}`);
    out.set(stored);
  },
};
