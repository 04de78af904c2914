/** ONNX messages that lie, above all about where their data is. */
import { type HostileHeader, hostile, truncated } from "./case.ts";

const fileName = "model.onnx";

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

const number = (field: number, value: number | bigint): Buffer => Buffer.concat([varint(field * 8), varint(value)]);

function message(field: number, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
}

/** A length that is not that of the body. */
const lying = (field: number, length: number | bigint, body: Uint8Array | string = ""): Buffer =>
  Buffer.concat([varint(field * 8 + 2), varint(length), Buffer.from(body)]);

const opset = message(8, number(2, 21));
const model = (...graphParts: readonly Uint8Array[]): Buffer => Buffer.concat([number(1, 10), message(7, ...graphParts), opset]);
const initializer = (...parts: readonly Uint8Array[]): Buffer => message(5, ...parts);
const float = number(2, 1);
const named = (name: string | Uint8Array): Buffer => message(8, name);
const raw = (bytes: number): Buffer => message(9, Buffer.alloc(bytes));

function external(location: string | Uint8Array, pairs: Readonly<Record<string, string>> = {}): Buffer {
  const entries = Object.entries({ ...pairs }).map(([key, value]) => message(13, message(1, key), message(2, value)));
  return model(initializer(number(1, 4), float, named("w"), message(13, message(1, "location"), message(2, location)), ...entries, number(14, 1)));
}

function nested(depth: number): Buffer {
  let graph: Buffer = initializer(number(1, 1), float, named("w"), raw(4));
  for (let level = 0; level < depth; level++) graph = message(1, message(5, message(6, graph)));
  return model(graph);
}

export const goodOnnx = model(initializer(number(1, 4), float, named("w"), raw(16)));

const initializers: Readonly<Record<string, readonly Uint8Array[]>> = {
  "no name": [number(1, 4), float, raw(16)],
  "no data type": [number(1, 4), named("w"), raw(16)],
  "unknown data type": [number(1, 4), number(2, 99), named("w"), raw(16)],
  "data type of 2^63": [number(1, 4), number(2, 2n ** 63n), named("w"), raw(16)],
  "too few bytes": [number(1, 4), float, named("w"), raw(15)],
  "too many bytes": [number(1, 4), float, named("w"), raw(17)],
  "negative dimension": [number(1, -4n), float, named("w"), raw(16)],
  "dimension of 2^53": [number(1, 2 ** 53), float, named("w"), raw(16)],
  "product of dimensions wraps to 4": [number(1, 2 ** 32), number(1, 2 ** 32), number(1, 4), float, named("w"), raw(16)],
  "size overflows": [number(1, 2 ** 52), float, named("w"), raw(16)],
  "65 dimensions": [...Array.from({ length: 65 }, () => number(1, 1)), float, named("w"), raw(4)],
  "a million dimensions": [message(1, Buffer.alloc(1_000_000, 1)), float, named("w"), raw(4)],
  "bytes twice": [number(1, 4), float, named("w"), raw(16), raw(16)],
  "bytes here and elsewhere": [number(1, 4), float, named("w"), raw(16), message(13, message(1, "location"), message(2, "w.bin")), number(14, 1)],
  "elsewhere and nowhere": [number(1, 4), float, named("w"), number(14, 1)],
  "name that is no UTF-8": [number(1, 4), float, named(Buffer.from([0xff])), raw(16)],
  "name of 1 MB": [number(1, 4), float, named("n".repeat(1_000_000)), raw(16)],
  "name is a number": [number(1, 4), float, number(8, 1), raw(16)],
  "bytes of 2^40": [number(1, 4), float, named("w"), lying(9, 2 ** 40)],
  "bytes of 2^64 − 1": [number(1, 4), float, named("w"), lying(9, 2n ** 64n - 1n)],
};

const models: Readonly<Record<string, Uint8Array>> = {
  "no graph": Buffer.concat([number(1, 10), opset]),
  "no operator set": Buffer.concat([number(1, 10), message(7)]),
  "two graphs": Buffer.concat([number(1, 10), message(7), message(7), opset]),
  "a graph that is a number": Buffer.concat([number(1, 10), number(7, 1), opset]),
  "the same name here and elsewhere": model(
    initializer(number(1, 1), float, named("w"), raw(4)),
    initializer(number(1, 1), float, named("w"), message(13, message(1, "location"), message(2, "w.bin")), number(14, 1)),
  ),
  "dimensions that run over their field": model(initializer(message(1, Buffer.from([0x84])), float, named("w"), raw(16))),
  "the same name twice": model(...[1, 2].map(() => initializer(number(1, 1), float, named("w"), raw(4)))),
  "field number 0": Buffer.concat([Buffer.from([0x02, 0x00]), goodOnnx]),
  "a group": Buffer.concat([Buffer.from([0x0b]), goodOnnx]),
  "wire type 7": Buffer.concat([Buffer.from([0x0f]), goodOnnx]),
  "a number of 11 bytes": Buffer.concat([Buffer.from([0x08]), Buffer.alloc(11, 0xff), goodOnnx]),
  "a tag of 11 bytes": Buffer.concat([Buffer.alloc(11, 0xff), goodOnnx]),
  "a graph longer than the file": Buffer.concat([number(1, 10), lying(7, 1000), opset]),
  "a graph of 2^63 bytes": Buffer.concat([number(1, 10), lying(7, 2n ** 63n), opset]),
  "an initializer longer than its graph": model(lying(5, 100, float)),
  "a number that runs over its message": model(lying(5, 1, Buffer.from([0x08, 0x80, 0x01]))),
  "a fixed number that runs over the file": Buffer.concat([goodOnnx, Buffer.from([0x09, 0, 0])]),
  "graphs nested 9 deep": nested(9),
  "graphs nested 5,000 deep": nested(5000),
  "an archive behind the model": Buffer.concat([goodOnnx, Buffer.from("PK\x05\x06"), Buffer.alloc(18)]),
  "random words": Buffer.from("the quick brown fox jumps over the lazy dog"),
};

/** Places that a model must not be able to name. */
export const escapes: readonly string[] = [
  "../weights.bin",
  "a/../../weights.bin",
  "..",
  ".",
  "",
  "/etc/passwd",
  "//host/share/w",
  "C:\\w.bin",
  "C:w.bin",
  "..\\w.bin",
  "\\\\host\\share",
  "a//b",
  "a/./b",
  "a/",
  "w.bin\0.txt",
  "w\n.bin",
  "\u202eexe.nib",
  "CON",
  "nul.txt",
  "w.bin.",
  "w.bin ",
  ".git/config",
  ".holdfast/x",
  `${"a/".repeat(40)}w`,
  "n".repeat(300),
  "./../w.bin",
];

const places: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "length too small": { length: "15" },
  "length too large": { length: "17" },
  "length is negative": { length: "-16" },
  "length is hexadecimal": { length: "0x10" },
  "offset is negative": { offset: "-1" },
  "offset is a fraction": { offset: "0.5" },
  "offset is no number": { offset: "NaN" },
  "offset of 2^53": { offset: "9007199254740992" },
  "offset and length overflow": { offset: "9007199254740990" },
  "offset of 1 MB": { offset: "1".repeat(1_000_000) },
};

export function* onnxHeaders(): Generator<HostileHeader> {
  yield* truncated(fileName, goodOnnx, 16);
  for (const [name, parts] of Object.entries(initializers)) yield hostile(fileName, name, model(initializer(...parts)));
  for (const [name, bytes] of Object.entries(models)) yield hostile(fileName, name, bytes);
  for (const location of escapes) yield hostile(fileName, `data in ${JSON.stringify(location.slice(0, 40))}`, external(location));
  yield hostile(fileName, "data in a place that is no UTF-8", external(Buffer.from([0xff, 0x2f])));
  for (const [name, pairs] of Object.entries(places)) yield hostile(fileName, `external ${name}`, external("w.bin", pairs));
  yield hostile(fileName, "data in two places", external("w.bin", { location: "v.bin" }));
  yield hostile(fileName, "external data of two tensors over each other", overlapping());
  yield hostile(fileName, "2^38 fields in a hole", Buffer.concat([number(1, 10), lying(7, 2 ** 39)]), { sparseBytes: 2 ** 40 });
  yield manyFields();
}

/** A graph of 25 million fields that mean nothing, which is true and too much. */
function manyFields(): HostileHeader {
  const block = Buffer.alloc(1_000_000, Buffer.from([0x60, 0x01]));
  const parts = [number(1, 10), lying(7, 50 * block.length), ...Array.from({ length: 50 }, () => block), opset];
  return { ...hostile(fileName, "25 million fields", new Uint8Array(0), { refused: false }), parts };
}

function overlapping(): Buffer {
  const at = (name: string, offset: string): Buffer =>
    initializer(
      number(1, 4),
      float,
      named(name),
      message(13, message(1, "location"), message(2, "w.bin")),
      message(13, message(1, "offset"), message(2, offset)),
      number(14, 1),
    );
  return model(at("a", "0"), at("b", "8"));
}
