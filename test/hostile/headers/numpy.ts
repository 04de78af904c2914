/** NumPy headers that lie. */
import { Bytes, type HostileHeader, hostile, truncated } from "./case.ts";

const fileName = "array.npy";

export function arrayFile(header: string | Uint8Array, dataBytes: number, version = 1): Buffer {
  const text = Buffer.from(header);
  const bytes = new Bytes().raw(Buffer.from("\x93NUMPY", "latin1")).u8(version, 0);
  return (version === 1 ? bytes.u16(text.length) : bytes.u32(text.length)).raw(text).raw(Buffer.alloc(dataBytes)).done();
}

function dictionary(descr = "'<f4'", order = "False", shape = "(4,)"): string {
  return `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
}

export const goodArray = arrayFile(dictionary(), 16);

/** Over 16 bytes of data. */
const headers: Readonly<Record<string, string | Uint8Array>> = {
  empty: "",
  "no dictionary": "[]\n",
  "an expression": "__import__('os').system('id')\n",
  "an expression in the shape": dictionary(undefined, undefined, "(__import__('os').system('id'),)"),
  "a call for a dtype": dictionary("eval('1')"),
  "an empty dictionary": "{}\n",
  "no shape": "{'descr': '<f4', 'fortran_order': False}\n",
  "a key twice": "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (4,)}\n",
  "a key of its own": "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), 'x': 1}\n",
  "no comma": "{'descr': '<f4' 'fortran_order': False, 'shape': (4,)}\n",
  "no end": "{'descr': '<f4', 'fortran_order': False, 'shape': (4,",
  "something behind": `${dictionary().trimEnd()} + {}\n`,
  "escape in a string": dictionary("'<\\x664'"),
  "order is a number": dictionary(undefined, "0"),
  "order in lower case": dictionary(undefined, "false"),
  "shape is a number": dictionary(undefined, undefined, "4"),
  "shape is a list": dictionary(undefined, undefined, "[4]"),
  "shape nested": dictionary(undefined, undefined, "((4,),)"),
  "shape is negative": dictionary(undefined, undefined, "(-4,)"),
  "shape is a fraction": dictionary(undefined, undefined, "(4.0,)"),
  "shape is a power": dictionary(undefined, undefined, "(2**2,)"),
  "shape of 2^64 + 4": dictionary(undefined, undefined, "(18446744073709551620,)"),
  "shape of 2^53 + 1": dictionary(undefined, undefined, "(9007199254740993,)"),
  "product of the shape wraps to 4": dictionary(undefined, undefined, "(4294967296, 4294967296, 4)"),
  "65 dimensions": dictionary(undefined, undefined, `(${"1, ".repeat(64)}4)`),
  "60,000 bytes of opening brackets": dictionary(undefined, undefined, "(".repeat(60_000)),
  "too small": dictionary(undefined, undefined, "(3,)"),
  "too large": dictionary(undefined, undefined, "(5,)"),
  "Python objects": dictionary("'|O'", undefined, "(2,)"),
  records: dictionary("[('a', '<f4')]"),
  "a subarray": dictionary("('<f4', (2,))", undefined, "(2,)"),
  "element of no known kind": dictionary("'<q4'"),
  "element of 10^12 bytes": dictionary("'|V1000000000000'", undefined, "(1,)"),
  "element size overflows": dictionary("'|V999999999'", undefined, "(9007199254740991,)"),
  "dtype is a number": dictionary("4"),
  "dtype not closed": "{'descr': '<f4, 'fortran_order': False, 'shape': (4,)}\n",
  "invalid UTF-8": Buffer.concat([Buffer.from("{'descr': '"), Buffer.from([0xff]), Buffer.from("'}\n")]),
  "60,000 spaces": " ".repeat(60_000),
  "60,000 quotes": "'".repeat(60_000),
};

export function* numpyHeaders(): Generator<HostileHeader> {
  yield* truncated(fileName, goodArray, 16);
  for (const [name, header] of Object.entries(headers)) yield hostile(fileName, name, arrayFile(header, 16));
  yield hostile(fileName, "another magic", Buffer.from(goodArray).fill("M", 1, 2));
  for (const version of [0, 4, 255]) yield hostile(fileName, `version ${version}`, Buffer.from(goodArray).fill(version, 6, 7));
  yield hostile(fileName, "version 1.1", Buffer.from(goodArray).fill(1, 7, 8));
  yield hostile(fileName, "version 2 with 1 MB of spaces", arrayFile(dictionary() + " ".repeat(1_000_000), 16, 2));
  yield hostile(fileName, "version 3 with a header of 2^32 − 1 bytes", Buffer.from(arrayFile(dictionary(), 16, 3)).fill(0xff, 8, 12), { sparseBytes: 2 ** 33 });
  yield hostile(fileName, "bytes behind the array", Buffer.concat([goodArray, Buffer.from("more")]));
  yield hostile(fileName, "a second array behind the first", Buffer.concat([goodArray, goodArray]));
  yield hostile(fileName, "a pickle", Buffer.from("\x80\x04cposix\nsystem\n(S'id'\ntR.", "latin1"));
}
