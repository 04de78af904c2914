/** The registry of encodings: encodes a chunk in the best way, decodes it by its byte. */
import { fault } from "../../core/errors.ts";
import { limits } from "../../core/limits.ts";
import { divideScratch, type Kernels, openKernels, type Scratch } from "../kernels/index.ts";
import { choose } from "./choose.ts";
import type { Codec, EncodingId, EncodingName, Hint } from "./codec.ts";
import { constantCodec } from "./constant.ts";
import { deltaCodec } from "./delta.ts";
import { lzCodec } from "./lz.ts";
import { planarCodecs } from "./planar/index.ts";
import { rawCodec } from "./raw.ts";
import { Room, type Tools } from "./room.ts";
import { sparseCodec } from "./sparse.ts";
import { OutOfRoom } from "./stored.ts";

export interface Encoded {
  readonly encoding: EncodingId;
  /** Bytes written to `out`: never more than the raw ones. */
  readonly bytes: number;
  /** Whether the base was used, and is needed to decode. */
  readonly based: boolean;
}

/** Encodings of one thread. All arrays lie in the shared memory, at any alignment; `out` of an encoder is at least as long as `raw`. */
export interface ChunkCodec {
  /** In the encoding that the bytes deserve; RAW when none saves `limits.encodingGainMin`. */
  encode(raw: Uint8Array, hint: Hint, out: Uint8Array): Encoded;
  encodeRaw(raw: Uint8Array, out: Uint8Array): Encoded;
  /** Fills `out`, whose length is the raw length, in work bounded by it. Throws ENCODING_UNSUPPORTED or CHUNK_CORRUPT. */
  decode(encoding: number, stored: Uint8Array, base: Uint8Array | undefined, out: Uint8Array): void;
}

/** Chunks below this are not worth a table; text still is. */
const codedBytesMin = 64;

export function openCodecs(memory: WebAssembly.Memory, scratch: Scratch): ChunkCodec {
  return codecsOn(openKernels(memory, scratch), new Room(memory, divideScratch(scratch).rest));
}

/** The same over given kernels, for instance their twin. */
export function codecsOn(kernels: Kernels, room: Room): ChunkCodec {
  const tools: Tools = { kernels, room };
  const codecs = makeCodecs(tools);
  const byId = new Map<number, Codec>(Object.values(codecs).map((codec) => [codec.id, codec]));
  return {
    encode(raw, hint, out) {
      requireRoom(raw, out);
      room.clear();
      return encodeBest(tools, codecs, raw, hint, out) ?? encodeRaw(raw, out);
    },
    encodeRaw(raw, out) {
      requireRoom(raw, out);
      return encodeRaw(raw, out);
    },
    decode(encoding, stored, base, out) {
      const codec = byId.get(encoding);
      if (!codec) throw fault("ENCODING_UNSUPPORTED", `encoding ${encoding}`, { advice: "Read this store with a newer version of Holdfast." });
      room.clear();
      codec.decode(stored, base, out);
    },
  };
}

function makeCodecs(tools: Tools): Record<EncodingName, Codec> {
  const planar = planarCodecs(tools);
  return {
    RAW: rawCodec,
    CONST: constantCodec(tools),
    ...planar,
    SPARSE16: sparseCodec(tools, "SPARSE16", planar),
    SPARSE32: sparseCodec(tools, "SPARSE32", planar),
    CTXDELTA16: deltaCodec(tools, "CTXDELTA16"),
    CTXDELTA32: deltaCodec(tools, "CTXDELTA32"),
    LZ: lzCodec,
  };
}

function requireRoom(raw: Uint8Array, out: Uint8Array): void {
  if (raw.length > limits.chunkBytesMax) throw fault("LIMIT_EXCEEDED", `a chunk of ${raw.length} bytes; ${limits.chunkBytesMax} is the most`);
  if (out.length < raw.length) throw fault("ARGUMENT_INVALID", `${out.length} bytes of room for a chunk of ${raw.length}`);
}

function encodeRaw(raw: Uint8Array, out: Uint8Array): Encoded {
  return { encoding: rawCodec.id, bytes: rawCodec.encode(raw, { element: "unknown", base: undefined }, out), based: false };
}

function encodeBest(tools: Tools, codecs: Record<EncodingName, Codec>, raw: Uint8Array, hint: Hint, out: Uint8Array): Encoded | undefined {
  const constant = tryEncode(codecs.CONST, raw, hint, out);
  if (constant) return constant;
  const chosen = raw.length < codedBytesMin ? undefined : choose(tools, raw, hint);
  return chosen && tryEncode(codecs[chosen.name], raw, { ...hint, element: chosen.element }, out);
}

/** Undefined when the result does not save enough. */
function tryEncode(codec: Codec | undefined, raw: Uint8Array, hint: Hint, out: Uint8Array): Encoded | undefined {
  const bytesMax = Math.floor(raw.length * (1 - limits.encodingGainMin));
  const bytes = codec ? encodedBytes(codec, raw, hint, out.subarray(0, raw.length)) : 0;
  if (!codec || bytes === 0 || bytes > bytesMax) return undefined;
  return { encoding: codec.id, bytes, based: codec.name === "CTXDELTA16" || codec.name === "CTXDELTA32" };
}

function encodedBytes(codec: Codec, raw: Uint8Array, hint: Hint, out: Uint8Array): number {
  try {
    return codec.encode(raw, hint, out);
  } catch (error) {
    if (error instanceof OutOfRoom) return 0;
    throw error;
  }
}
