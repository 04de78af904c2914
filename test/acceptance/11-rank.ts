/** What one rank of a tensor-parallel group reads and gets: little more than its share, and exactly the slices that a plain reference cuts. */
import assert from "node:assert/strict";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { Holdfast, patience } from "./command.ts";
import { type MadeModel, type MadeTensor, makeModel, splitOf } from "./make/model.ts";
import { percent, show } from "./place.ts";

const overIdealMax = 1.05;

export const rank = show({
  says: "rank r of n reads at most 1.05 of its ideal share of the split tensors, and gets the slices that a plain reference cuts",
  full: { modelBytes: 4e9, hidden: 4096, size: 4, ranks: 4 },
  small: { modelBytes: 60e6, hidden: 1024, size: 4, ranks: 2 },
  async run({ folder, say }, { modelBytes, hidden, size, ranks }) {
    const source = join(folder, "model");
    const model = await makeModel(source, { bytes: modelBytes, parts: 2, seed: 12, hidden });
    const wait = patience(modelBytes * 3);
    for (const encode of ["auto", "raw"]) {
      const holdfast = new Holdfast(folder, `store-${encode}`);
      await holdfast.push(source, "acme/model", ["--encode", encode], wait);
      const whole = await holdfast.pull("acme/model", join(folder, "whole"), [], wait);
      await rm(join(folder, "whole"), { recursive: true });
      for (let index = 0; index < ranks; index++) {
        const number = (index + 1) % size;
        const target = join(folder, "rank");
        const pulled = await holdfast.pull("acme/model", target, ["--rank", String(number), "--tensor-parallel", String(size)], wait);
        const ideal = whole.fetchedBytes * idealShare(model, size);
        say(`${encode}, rank ${number} of ${size}: read ${pulled.fetchedBytes} bytes, ${percent(pulled.fetchedBytes / ideal, 2)} of the ideal share`);
        assert.ok(pulled.fetchedBytes <= overIdealMax * ideal, `rank ${number} read ${percent(pulled.fetchedBytes / ideal, 2)} of its ideal share`);
        await assertSlices(source, target, model, number, size);
        await rm(target, { recursive: true });
        await assertOneTensor(holdfast, source, target, model, number, size);
      }
      await rm(holdfast.store, { recursive: true });
    }
  },
});

/** Of all bytes: a part of what is split, and all of what every rank has whole. */
function idealShare({ tensors, bytes }: MadeModel, size: number): number {
  const split = tensors.filter(({ name }) => splitOf(name) !== "whole").reduce((sum, tensor) => sum + tensor.bytes, 0);
  return (split / size + (bytes - split)) / bytes;
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** A tensor by its name is the same slice. */
async function assertOneTensor(holdfast: Holdfast, source: string, target: string, { tensors }: MadeModel, number: number, size: number): Promise<void> {
  const tensor = tensors.find(({ name }) => name.endsWith("o_proj.weight")) as MadeTensor;
  await holdfast.pull("acme/model", target, ["--tensor", tensor.name, "--rank", String(number), "--tensor-parallel", String(size)]);
  await assertSlice(await openTensors(join(target, "tensors.safetensors")), source, tensor, number, size);
  await rm(target, { recursive: true });
}

/** Every tensor of the pulled files against the rows or columns that the rank has of the source. */
async function assertSlices(source: string, target: string, { tensors }: MadeModel, number: number, size: number): Promise<void> {
  for (const [file, own] of Map.groupBy(tensors, (tensor) => tensor.file)) {
    const pulled = await openTensors(join(target, file));
    assert.deepEqual([...pulled.header.keys()].sort(), own.map(({ name }) => name).sort());
    for (const tensor of own) await assertSlice(pulled, source, tensor, number, size);
  }
}

interface Tensors {
  readonly path: string;
  readonly header: ReadonlyMap<string, HeaderEntry>;
  readonly dataStart: number;
}

async function openTensors(path: string): Promise<Tensors> {
  const length = Number((await readAt(path, 0, 8)).readBigUInt64LE());
  const header = new Map(Object.entries(JSON.parse((await readAt(path, 8, length)).toString("utf8")) as Record<string, HeaderEntry>));
  header.delete("__metadata__");
  return { path, header, dataStart: 8 + length };
}

async function assertSlice({ path, header, dataStart }: Tensors, source: string, tensor: MadeTensor, number: number, size: number): Promise<void> {
  const { dtype, shape, data_offsets } = header.get(tensor.name) as HeaderEntry;
  const wanted = sliceOf(tensor, await readAt(join(source, tensor.file), tensor.start, tensor.bytes), number, size);
  assert.deepEqual([dtype, shape], ["BF16", wanted.shape], tensor.name);
  const got = await readAt(path, dataStart + data_offsets[0], data_offsets[1] - data_offsets[0]);
  assert.ok(got.equals(wanted.bytes), `${tensor.name} of rank ${number} is not what the reference cuts`);
}

async function readAt(path: string, position: number, length: number): Promise<Buffer> {
  await using file = await open(path);
  const bytes = Buffer.alloc(length);
  await file.read(bytes, 0, length, position);
  return bytes;
}

/** The plain reference: whole rows, or a run of columns of each row. */
function sliceOf({ name, shape }: MadeTensor, bytes: Buffer, number: number, size: number): { shape: readonly number[]; bytes: Buffer } {
  const [rows, columns = 1] = shape;
  const split = splitOf(name);
  if (split === "whole") return { shape, bytes };
  if (split === "rows") return { shape: [rows / size, columns], bytes: bytes.subarray((number * bytes.length) / size, ((number + 1) * bytes.length) / size) };
  const rowBytes = bytes.length / rows;
  const from = (number * rowBytes) / size;
  const parts = Array.from({ length: rows }, (_, row) => bytes.subarray(row * rowBytes + from, row * rowBytes + from + rowBytes / size));
  return { shape: [rows, columns / size], bytes: Buffer.concat(parts) };
}
