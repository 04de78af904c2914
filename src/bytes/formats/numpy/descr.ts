/** What a NumPy type string says of an array's elements (numpy.org, "Array interface", typestr). */
import type { Element } from "../../../core/element.ts";
import { quote } from "../file-order.ts";
import { unsupported } from "../refuse.ts";

export interface ArrayType {
  readonly itemBytes: number;
  readonly element: Element;
}

const utf32Bytes = 4;
/** By kind and item size; complex numbers are pairs of floats, and times are integers. */
const elementOf: ReadonlyMap<string, Element> = new Map<string, Element>([
  ["b1", "bool"],
  ["i1", "i8"],
  ["u1", "u8"],
  ["i2", "i16"],
  ["u2", "i16"],
  ["i4", "i32"],
  ["u4", "i32"],
  ["i8", "i64"],
  ["u8", "i64"],
  ["m8", "i64"],
  ["M8", "i64"],
  ["f2", "f16"],
  ["f4", "f32"],
  ["f8", "f64"],
  ["c8", "f32"],
  ["c16", "f64"],
]);

/** Big-endian elements have their planes the other way round, so the codec has to find out for itself. */
export function parseDescr(descr: string): ArrayType {
  const match = /^([<>|=]?)([biufcmMSUV])(\d{1,9})(?:\[[^\]]{0,20}\])?$/.exec(descr);
  if (!match) throw unsupported(descr.includes("O") ? "an array of Python objects, which is a pickle" : `the array type ${quote(descr)}`);
  const [, order, kind = "", digits = ""] = match;
  const size = Number(digits);
  if (kind === "U") return { itemBytes: size * utf32Bytes, element: "unknown" };
  if (kind === "S") return { itemBytes: size, element: "text" };
  const element = order === ">" && size > 1 ? undefined : elementOf.get(kind + digits);
  return { itemBytes: size, element: element ?? "unknown" };
}
