/** X1 of the fault catalogue: safetensors headers that lie. */
import { Bytes, type HostileHeader, hostile, truncated } from "./case.ts";

const fileName = "model.safetensors";
const MiB = 1024 * 1024;

function safetensorsFile(json: string | Uint8Array, dataBytes: number): Buffer {
  const header = Buffer.from(json);
  return new Bytes().u64(header.length).raw(header).raw(Buffer.alloc(dataBytes)).done();
}

function tensor(begin: number | string, end: number | string, shape = `[${Number(end) - Number(begin)}]`, dtype = '"U8"'): string {
  return `{"dtype":${dtype},"shape":${shape},"data_offsets":[${begin},${end}]}`;
}

const goodJson = `{"__metadata__":{"format":"pt"},"a":${tensor(0, 16)},"b":${tensor(16, 32, "[2,4]", '"BF16"')},"c":${tensor(32, 64, "[8]", '"F32"')}}`;
export const goodSafetensors = safetensorsFile(goodJson, 64);

const deep = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

/** By name: JSON that must be refused, over 16 bytes of data. */
const headers: Readonly<Record<string, string | Uint8Array>> = {
  "no JSON": "",
  "not an object": "[]",
  "a bare string": '"a"',
  "white space first": ` {"a":${tensor(0, 16)}}`,
  "byte order mark": `\ufeff{"a":${tensor(0, 16)}}`,
  "UTF-16": Buffer.from(`{"a":${tensor(0, 16)}}`, "utf16le"),
  "invalid UTF-8 in a name": Buffer.concat([Buffer.from('{"'), Buffer.from([0xff, 0xc0]), Buffer.from(`":${tensor(0, 16)}}`)]),
  "overlong UTF-8": Buffer.concat([Buffer.from('{"'), Buffer.from([0xc0, 0xaf]), Buffer.from(`":${tensor(0, 16)}}`)]),
  "lone surrogate": `{"\\ud800":${tensor(0, 16)}}`,
  "control character in a name": `{"a\u0001":${tensor(0, 16)}}`,
  "bad escape": `{"\\x41":${tensor(0, 16)}}`,
  "unquoted key": `{a:${tensor(0, 16)}}`,
  "trailing comma": `{"a":${tensor(0, 16)},}`,
  "missing colon": `{"a"${tensor(0, 16)}}`,
  comment: `{"a":${tensor(0, 16)}/* */}`,
  "something behind": `{"a":${tensor(0, 16)}}{}`,
  "NUL behind": `{"a":${tensor(0, 16)}}\0\0`,
  "same name twice": `{"a":${tensor(0, 8)},"a":${tensor(8, 16)}}`,
  "same name twice, escaped": `{"a":${tensor(0, 8)},"\\u0061":${tensor(8, 16)}}`,
  "__proto__ as a tensor that is none": '{"__proto__":{"x":1}}',
  "constructor as a tensor that is none": '{"constructor":null}',
  "metadata twice": `{"__metadata__":{},"__metadata__":{},"a":${tensor(0, 16)}}`,
  "metadata key twice": `{"__metadata__":{"k":"1","k":"2"},"a":${tensor(0, 16)}}`,
  "metadata is a list": `{"__metadata__":[],"a":${tensor(0, 16)}}`,
  "metadata holds a number": `{"__metadata__":{"k":1},"a":${tensor(0, 16)}}`,
  "metadata holds an object": `{"__metadata__":{"k":{}},"a":${tensor(0, 16)}}`,
  "metadata holds null": `{"__metadata__":{"k":null},"a":${tensor(0, 16)}}`,
  "tensor is null": '{"a":null}',
  "tensor is a number": '{"a":1}',
  "no dtype": '{"a":{"shape":[16],"data_offsets":[0,16]}}',
  "no shape": '{"a":{"dtype":"U8","data_offsets":[0,16]}}',
  "no offsets": '{"a":{"dtype":"U8","shape":[16]}}',
  "a field twice": '{"a":{"dtype":"U8","dtype":"U8","shape":[16],"data_offsets":[0,16]}}',
  "a field of its own": '{"a":{"dtype":"U8","shape":[16],"data_offsets":[0,16],"run":"me"}}',
  "dtype is a number": `{"a":${tensor(0, 16, "[16]", "8")}}`,
  "dtype in lower case": `{"a":${tensor(0, 16, "[16]", '"u8"')}}`,
  "unknown dtype": `{"a":${tensor(0, 16, "[16]", '"F3"')}}`,
  "dtype named like a property": `{"a":${tensor(0, 16, "[16]", '"constructor"')}}`,
  "shape is a number": `{"a":${tensor(0, 16, "16")}}`,
  "shape holds a string": `{"a":${tensor(0, 16, '["16"]')}}`,
  "shape holds a fraction": `{"a":${tensor(0, 16, "[16.0]")}}`,
  "shape holds an exponent": `{"a":${tensor(0, 16, "[16e0]")}}`,
  "shape holds a negative": `{"a":${tensor(0, 16, "[-4,-4]")}}`,
  "shape holds 2^53 + 1": `{"a":${tensor(0, 16, "[9007199254740993]")}}`,
  "shape holds 2^64 + 16": `{"a":${tensor(0, 16, "[18446744073709551632]")}}`,
  "shape product wraps to 16": `{"a":${tensor(0, 16, "[4294967296,4294967296,16]")}}`,
  "shape product wraps before a 0": `{"a":${tensor(0, 16, "[4294967296,4294967296,0]")}}`,
  "shape of 65 dimensions": `{"a":${tensor(0, 16, `[${"1,".repeat(64)}16]`)}}`,
  "shape nested": `{"a":${tensor(0, 16, "[[16]]")}}`,
  "shape too small": `{"a":${tensor(0, 16, "[15]")}}`,
  "shape too large": `{"a":${tensor(0, 16, "[17]")}}`,
  "element size forgotten": `{"a":${tensor(0, 16, "[16]", '"F32"')}}`,
  "half a byte": `{"a":${tensor(0, 16, "[31]", '"F4"')}}`,
  "three quarters of a byte": `{"a":${tensor(0, 16, "[21]", '"F6_E2M3"')}}`,
  "offset is negative": `{"a":${tensor(-16, 0, "[16]")}}`,
  "offset is a fraction": `{"a":${tensor("0.0", 16)}}`,
  "offset has an exponent": `{"a":${tensor(0, "1.6e1", "[16]")}}`,
  "offset begins with 0": `{"a":${tensor("00", 16)}}`,
  "offset begins with +": `{"a":${tensor("+0", 16)}}`,
  "offset is hexadecimal": `{"a":${tensor(0, "0x10", "[16]")}}`,
  "offset is 2^53": `{"a":${tensor("9007199254740992", "9007199254741008", "[16]")}}`,
  "offset is 2^64": `{"a":${tensor(0, "18446744073709551616", "[16]")}}`,
  "offset is Infinity": `{"a":${tensor(0, "Infinity", "[16]")}}`,
  "offsets reversed": `{"a":${tensor(16, 0, "[16]")}}`,
  "one offset": '{"a":{"dtype":"U8","shape":[16],"data_offsets":[16]}}',
  "three offsets": '{"a":{"dtype":"U8","shape":[16],"data_offsets":[0,16,32]}}',
  "ends after the file": `{"a":${tensor(0, 17)}}`,
  "ends far after the file": `{"a":${tensor(0, 2 ** 40)}}`,
  "begins after the file": `{"a":${tensor(0, 16)},"b":${tensor(2 ** 40, 2 ** 40)}}`,
  overlap: `{"a":${tensor(0, 10)},"b":${tensor(8, 16)}}`,
  "the same bytes twice": `{"a":${tensor(0, 16)},"b":${tensor(0, 16)}}`,
  "one inside the other": `{"a":${tensor(0, 16)},"b":${tensor(4, 8)}}`,
  "hole between": `{"a":${tensor(0, 7)},"b":${tensor(8, 16)}}`,
  "hole at the start": `{"a":${tensor(1, 16)}}`,
  "hole at the end": `{"a":${tensor(0, 15)}}`,
  "no tensors over data": "{}",
  "nested too deep": `{"a":${deep(5)}}`,
  "nested 100,000 deep": `{"a":${deep(100_000)}}`,
  "objects nested 100,000 deep": '{"a":'.repeat(100_000),
  "name of 1 MB": `{"${"n".repeat(1_000_000)}":${tensor(0, 16)}}`,
  "key of 1 MB": `{"a":{"${"k".repeat(1_000_000)}":1}}`,
  "dtype of 1 MB": `{"a":${tensor(0, 16, "[16]", `"${"d".repeat(1_000_000)}"`)}}`,
};

const lengths: Readonly<Record<string, bigint>> = {
  "one too long": BigInt(goodSafetensors.length - 8 + 1),
  "one too short": BigInt(goodJson.length - 1),
  "2^31": 2n ** 31n,
  "2^53": 2n ** 53n,
  "2^63": 2n ** 63n,
  "2^64 − 1": 2n ** 64n - 1n,
  "0 before a good header": 0n,
};

export function* safetensorsHeaders(): Generator<HostileHeader> {
  yield* truncated(fileName, goodSafetensors, 24);
  for (const [name, json] of Object.entries(headers)) yield hostile(fileName, name, safetensorsFile(json, 16));
  for (const [name, length] of Object.entries(lengths))
    yield hostile(fileName, `header length: ${name}`, new Bytes().u64(length).raw(goodSafetensors.subarray(8)).done());
  yield hostile(
    fileName,
    "header of 2^40 bytes in a sparse file",
    new Bytes()
      .u64(2 ** 40)
      .raw("{")
      .done(),
    { sparseBytes: 2 ** 40 + 8 },
  );
  yield hostile(
    fileName,
    "header of 99 MiB of nothing in a sparse file",
    new Bytes()
      .u64(99 * MiB)
      .raw("{")
      .done(),
    { sparseBytes: 100 * MiB },
  );
  yield hostile(fileName, "bytes behind the tensors", Buffer.concat([goodSafetensors, Buffer.from("#!/bin/sh\n")]));
  yield hostile(fileName, "an archive behind the tensors", Buffer.concat([goodSafetensors, Buffer.from("PK\x05\x06"), Buffer.alloc(18)]));
  yield hostile(
    fileName,
    "a pickle",
    Buffer.from("\x80\x04\x95\x1e\0\0\0\0\0\0\0\x8c\x05posix\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R\x94.", "latin1"),
  );
  yield hostile(fileName, "HTML", Buffer.from("<!doctype html><script>alert(1)</script>"));
  yield* giants();
}

/** Headers near the cap: 100 MiB of white space, of one string, and of more tensors than anyone has. */
function* giants(): Generator<HostileHeader> {
  const spaces = Buffer.alloc(MiB, " ");
  yield giant("99 MiB of white space and no end", 99 * MiB, [Buffer.from("{"), ...Array.from({ length: 98 }, () => spaces), spaces.subarray(1)]);
  const opening = Buffer.from('{"__metadata__":{"k":"');
  const text = [opening, ...Array.from({ length: 98 }, () => spaces)];
  yield giant("98 MiB of metadata and no end", 98 * MiB + opening.length, text);
  yield giant("98 MiB of metadata", 98 * MiB + opening.length + 3, [...text, Buffer.from('"}}')], false);
  yield giant("a million and a half tensors", 99 * MiB, manyTensors(99 * MiB));
}

function giant(name: string, length: number, json: Iterable<Uint8Array>, refused = true): HostileHeader {
  return { ...hostile(fileName, name, new Uint8Array(0), { refused }), parts: [new Bytes().u64(length).done(), ...json] };
}

function* manyTensors(bytes: number): Generator<Uint8Array> {
  let written = 1;
  yield Buffer.from("{");
  for (let index = 0; written < bytes; index++) {
    const block = Buffer.from(Array.from({ length: 1000 }, (_, entry) => `"${index * 1000 + entry}":${tensor(0, 0)},`).join(""));
    yield block.subarray(0, bytes - written);
    written += block.length;
  }
}
