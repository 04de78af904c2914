/** Everything else that a model folder may hold: the other formats, odd sizes, odd names, and many small files. */
import { cp, mkdir, open, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { randomFrom } from "../../../src/bytes/kernels/specimens.ts";
import { archiveOf } from "../../hostile/headers/archive.ts";
import { Bytes } from "../../hostile/headers/case.ts";
import { bytesOfWeights, WeightPool } from "./weights.ts";

const goldenFormats = fileURLToPath(new URL("../../golden/formats", import.meta.url));

async function write(folder: string, path: string, bytes: Uint8Array): Promise<void> {
  const target = join(folder, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, bytes);
}

/** Files that the Python packages wrote, small, and larger ones of the same formats written here: `bytes` each. */
export async function makeFormats(folder: string, bytes: number): Promise<void> {
  await cp(goldenFormats, join(folder, "golden"), { recursive: true });
  const weights = new Uint16Array(Math.floor(bytes / 64) * 32);
  new WeightPool(3 << 18).fill(weights, Math.min(4096, weights.length), 0.5, randomFrom(5));
  const data = bytesOfWeights(weights);
  await write(folder, "model.gguf", ggufOf(data));
  await write(folder, "array.npy", npyOf(data));
  await write(folder, "arrays.npz", archiveOf({ entries: ["a", "b"].map((name) => ({ name: `${name}.npy`, data: npyOf(data.subarray(0, bytes >> 1)) })) }));
  await write(folder, "model.pt", archiveOf({ entries: [pickle, ...[0, 1].map((key) => ({ name: `archive/data/${key}`, data: Buffer.from(data) }))] }));
  await write(folder, "model.onnx", onnxOf(data));
}

const pickle = { name: "archive/data.pkl", data: Buffer.from("\x80\x02}q\x00.", "latin1") };
const gguf = { bf16: 30, q8_0: 8, q8BlockBytes: 34, q8BlockWeights: 32, align: 32 } as const;

/** GGUF v3 with a bf16 and a Q8_0 tensor over the same bytes. */
function ggufOf(data: Uint8Array): Uint8Array {
  const blocks = Math.floor(data.length / gguf.q8BlockBytes);
  const text = (bytes: Bytes, value: string): Bytes => bytes.u64(value.length).raw(value);
  const info = (bytes: Bytes, name: string, weights: number, type: number, offset: number): Bytes =>
    text(bytes, name).u32(1).u64(weights).u32(type).u64(offset);
  const bytes = new Bytes().raw("GGUF").u32(3).u64(2).u64(0);
  info(bytes, "blk.0.attn_q.weight", data.length / 2, gguf.bf16, 0);
  info(bytes, "blk.0.ffn_up.weight", blocks * gguf.q8BlockWeights, gguf.q8_0, Math.ceil(data.length / gguf.align) * gguf.align);
  bytes.pad(gguf.align).raw(data).pad(gguf.align);
  return bytes
    .raw(data.subarray(0, blocks * gguf.q8BlockBytes))
    .pad(gguf.align)
    .done();
}

function npyOf(data: Uint8Array): Buffer {
  const header = `{'descr': '<u2', 'fortran_order': False, 'shape': (${Math.floor(data.length / 2)},), }`;
  const padded = `${header.padEnd(Math.ceil((10 + header.length + 1) / 64) * 64 - 11)}\n`;
  return new Bytes()
    .raw(Buffer.from("\x93NUMPY\x01\x00", "latin1"))
    .u16(padded.length)
    .raw(padded)
    .raw(data.subarray(0, data.length & ~1))
    .done();
}

/** A graph of one initializer with its bytes in the message. */
function onnxOf(data: Uint8Array): Uint8Array {
  const bf16 = 16;
  const tensor = [number(1, data.length / 2), number(2, bf16), ...field(8, Buffer.from("weight")), ...field(9, data)];
  return Buffer.concat([number(1, 10), ...field(7, ...field(5, ...tensor)), ...field(8, number(2, 21))]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

const number = (key: number, value: number): Buffer => Buffer.concat([varint(key * 8), varint(value)]);

function field(key: number, ...parts: readonly Uint8Array[]): Uint8Array[] {
  return [varint(key * 8 + 2), varint(parts.reduce((sum, part) => sum + part.length, 0)), ...parts];
}

const oddPaths = [
  "with spaces/a file  with two spaces.txt",
  "größe/Übermaß – naïve.txt",
  "模型/权重 文件.bin",
  "עברית/العربية.txt",
  "emoji 🙂/🚀 model.json",
  "decomposed/e\u0301te\u0301.txt",
  'quotes/it\'s "quoted" & $HOME `x`.txt'.replaceAll('"', "”"),
  ".hidden/.file",
  "deep/a/b/c/d/e/f/g/h/i/j/k.txt",
  "-dash/--option",
  "#hash/%41%2e%2e/100%.txt",
];

/** Sizes around every border that there is (none, one, a page, a chunk, a window), and names that people really have. */
export async function makeOddFiles(folder: string): Promise<void> {
  const random = randomFrom(6);
  const noise = Buffer.from(Uint8Array.from({ length: 1 << 20 }, () => 256 * random()));
  const sizes = [0, 1, 4095, 4096, 4097, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 8 << 20, (8 << 20) + 1];
  for (const size of sizes) await write(folder, `sizes/${size}.bin`, Buffer.alloc(size, noise));
  await write(folder, "sizes/zeros.bin", Buffer.alloc(3_000_000));
  await write(folder, "empty", Buffer.alloc(0));
  for (const [index, path] of oddPaths.entries()) await write(folder, path, noise.subarray(index, index * 1000));
  await write(folder, "claims.safetensors", Buffer.from("this is no safetensors file, and is kept all the same"));
}

/** `count` files, a thousand in a folder, each different, of 0 to 2,000 bytes. */
export async function makeSmallFiles(folder: string, count: number): Promise<void> {
  const random = randomFrom(7);
  const noise = Buffer.from(Uint8Array.from({ length: 1 << 16 }, () => 256 * random()));
  for (let index = 0; index < count; index++) {
    const part = join(folder, `part ${Math.floor(index / 1000)}`);
    if (index % 1000 === 0) await mkdir(part, { recursive: true });
    const from = Math.floor(random() * (noise.length - 2000));
    await using file = await open(join(part, `${index}.txt`), "w");
    await file.writev([Buffer.from(index % 10 === 0 ? "" : `${index} `), noise.subarray(from, from + (index % 10 === 0 ? 0 : Math.floor(random() * 2000)))]);
  }
}
