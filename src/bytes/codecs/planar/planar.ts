/**
 * The four encodings that split elements into planes and code each plane by itself. While encoding, planes stand in the
 * output where they would lie if all were raw, so that those that stay raw (most bytes of most weights) are not moved again.
 */
import type { Codec, EncodingName, Hint } from "../codec.ts";
import { encodingIds } from "../codec.ts";
import { rawPlaneBytes, rawPlaneIn, readPlane, readPlaneInto, writePlane } from "../plane.ts";
import type { Tools } from "../room.ts";
import { corrupt, StoredReader, StoredWriter } from "../stored.ts";
import { byteLayout, type Layout } from "./layout.ts";

export function planarCodec(tools: Tools, name: EncodingName, layouts: readonly Layout[]): Codec {
  return {
    id: encodingIds[name],
    name,
    encode: (raw, hint, out) => encode(tools, layoutFor(layouts, hint), raw, out),
    decode: (stored, _base, out) => decode(tools, layouts, stored, out),
  };
}

function layoutFor(layouts: readonly Layout[], hint: Hint): Layout {
  return layouts.find((layout) => layout.elements.includes(hint.element)) ?? (layouts[0] as Layout);
}

function encode(tools: Tools, layout: Layout, raw: Uint8Array, out: Uint8Array): number {
  const body = raw.subarray(0, raw.length - (raw.length % layout.width));
  const writer = new StoredWriter(out);
  writer.u8(layout.id);
  for (const plane of splitPlanes(tools, layout, body, writer.rest())) writePlane(tools, plane, writer);
  writer.bytes(raw.subarray(body.length));
  return writer.length;
}

/** All planes but the last in `out`, the last in the room: it is the one that is nearly always coded. */
function splitPlanes(tools: Tools, layout: Layout, body: Uint8Array, out: Uint8Array): readonly Uint8Array[] {
  if (layout === byteLayout) return [body];
  const count = body.length / layout.width;
  let at = 0;
  const planes = layout.planes.map((width, index) => {
    const bytes = count * width;
    const start = at;
    at += rawPlaneBytes(bytes);
    return index === layout.planes.length - 1 || at > out.length ? tools.room.take(bytes) : rawPlaneIn(out.subarray(start), bytes);
  });
  layout.split(tools, body, planes);
  return planes;
}

function decode(tools: Tools, layouts: readonly Layout[], stored: Uint8Array, out: Uint8Array): void {
  const reader = new StoredReader(stored);
  const id = reader.u8();
  const layout = layouts.find((candidate) => candidate.id === id);
  if (!layout) throw corrupt(`layout ${id} is not one of its encoding`);
  const count = Math.floor(out.length / layout.width);
  const body = out.subarray(0, count * layout.width);
  if (layout === byteLayout) readPlaneInto(tools, reader, body);
  else mergePlanes(tools, layout, reader, count, body);
  out.set(reader.take(out.length - body.length), body.length);
  reader.end();
}

function mergePlanes(tools: Tools, layout: Layout, reader: StoredReader, count: number, body: Uint8Array): void {
  const planes = layout.planes.map((width) => readPlane(tools, reader, count * width));
  layout.merge(tools, planes, body);
}
