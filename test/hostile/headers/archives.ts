/** X3 of the fault catalogue: archives of PyTorch and NumPy that lie. Nothing in them is ever run or unpacked. */
import { deflateRawSync } from "node:zlib";
import { type Archive, archiveOf, type Entry, wideExtra } from "./archive.ts";
import { type HostileHeader, hostile, truncated } from "./case.ts";
import { arrayFile, goodArray } from "./numpy.ts";

const pickle = { name: "m/data.pkl", data: Buffer.from("\x80\x02cposix\nsystem\n(X\x02\0\0\0idtR.", "latin1") };
const storage = { name: "m/data/0", data: Buffer.alloc(64, 7) };
const full = 0xffffffff;

function changed(said: Partial<Entry>): Archive {
  return { entries: [pickle, { ...storage, ...said }] };
}

const good: Archive = { entries: [pickle, storage] };
export const goodArchive = archiveOf(good);

const entries: Readonly<Record<string, Partial<Entry>>> = {
  "other name in front of the bytes": { local: { name: "m/data/1" } },
  "longer name in front of the bytes": { local: { name: "m/data/00" } },
  "other flags in front of the bytes": { local: { flags: 0x800 } },
  "other method in front of the bytes": { local: { method: 8 } },
  "other method in the directory": { central: { method: 8 } },
  "other size in front of the bytes": { local: { stored: 63, raw: 63 } },
  "other size in the directory": { central: { stored: 63, raw: 63 } },
  "stored in another size than its own": { central: { raw: 1 << 30 }, local: { raw: 1 << 30 } },
  "no signature in front of the bytes": { local: { signature: 0 } },
  "no signature in the directory": { central: { signature: 0x02014b51 } },
  "begins inside the entry before": { central: { start: 10 } },
  "begins at the entry before": { central: { start: 0 } },
  "begins after the file": { central: { start: 0x7fffffff } },
  "longer than the file": { central: { stored: 1 << 30, raw: 1 << 30 }, local: { stored: 1 << 30, raw: 1 << 30 } },
  encrypted: { flags: 0x0001 },
  "strongly encrypted": { flags: 0x0041 },
  "directory encrypted": { flags: 0x2000 },
  "descriptor announced and not there, sizes unknown": { flags: 0x0008, local: { stored: 0, raw: 0 }, behind: Buffer.alloc(5) },
  "something behind the bytes": { behind: Buffer.alloc(16) },
  "ZIP64 size announced and not there": { central: { stored: full, raw: full }, local: { stored: full, raw: full } },
  "ZIP64 sizes of which one is not there": { central: { stored: full, raw: full, extra: wideExtra(64) } },
  "ZIP64 size of 2^63": { central: { stored: full, raw: full, extra: wideExtra(2n ** 63n, 2n ** 63n) } },
  "ZIP64 size of 2^40": {
    central: { stored: full, raw: full, extra: wideExtra(2 ** 40, 2 ** 40) },
    local: { stored: full, raw: full, extra: wideExtra(2 ** 40, 2 ** 40) },
  },
  "ZIP64 size that only the directory has": { central: { stored: full, raw: full, extra: wideExtra(64, 64) }, local: { stored: 1, raw: 1 } },
  "ZIP64 sizes that differ": { central: { stored: full, raw: full, extra: wideExtra(64, 64) }, local: { stored: full, raw: full, extra: wideExtra(65, 64) } },
  "ZIP64 start of 2^63": { central: { start: full, extra: wideExtra(2n ** 63n) } },
  "ZIP64 start elsewhere": { central: { start: full, extra: wideExtra(3) } },
  "extra field cut short": { central: { stored: full, raw: full, extra: Buffer.from(wideExtra(64, 64)).fill(200, 2, 3) }, local: { stored: 64, raw: 64 } },
  "name that is no UTF-8": { name: Buffer.from([0x6d, 0x2f, 0xff]) },
  "name that leaves the folder": { name: "m/data/../../../etc/passwd" },
  "absolute name": { name: "/etc/passwd" },
  "name with a backslash": { name: "m\\data\\0" },
  "name with a NUL": { name: "m/data/0\0.txt" },
  "no name": { name: "" },
  "name of 60,000 bytes": { name: `m/data/${"n".repeat(60_000)}` },
  "the name of the entry before": { name: "m/data.pkl" },
  "a second pickle": { name: "n/data.pkl" },
};

const archives: Readonly<Record<string, Archive>> = {
  "no entries": { entries: [] },
  "no pickle": { entries: [storage] },
  "pickle too deep": { entries: [{ ...pickle, name: "a/m/data.pkl" }, storage] },
  "script before the first entry": { ...good, before: Buffer.from("#!/bin/sh\nexit\n") },
  "something before the directory": { ...good, between: Buffer.from("hidden") },
  "something in the directory, behind its entries": { ...good, inDirectory: Buffer.from("hidden") },
  "something behind the directory": { ...good, behindDirectory: Buffer.from("hidden") },
  "two files of one name": { entries: [pickle, storage, { name: "m/version", data: Buffer.from("3") }, { name: "m/version", data: Buffer.from("4") }] },
  "comment that is not there": { ...good, end: { commentBytes: 5 } },
  comment: { ...good, end: { comment: "hello" } },
  "another end record in the comment": { ...good, end: { comment: archiveOf({ entries: [] }).toString("latin1") } },
  "no end record": { ...good, end: { signature: 0 } },
  "one entry too many": { ...good, end: { entries: 3 } },
  "one entry too few": { ...good, end: { entries: 1 } },
  "65,535 entries": { ...good, end: { entries: 0xffff } },
  "65,534 entries": { ...good, end: { entries: 0xfffe } },
  "entries counted in two ways": { ...good, end: { entriesHere: 1 } },
  "second disk": { ...good, end: { disk: 1 } },
  "directory of no bytes": { ...good, end: { bytes: 0 } },
  "directory of 2^32 − 1 bytes": { ...good, end: { bytes: full } },
  "directory that begins after the file": { ...good, end: { start: 0x7fffffff } },
  "directory that begins one byte late": { ...good, end: { start: goodArchive.length - 22 } },
  "directory at 2^32 − 1": { ...good, end: { start: full } },
  "count that the ZIP64 record denies": { ...good, wide: {}, end: { entries: 1 } },
  "directory size that the ZIP64 record denies": { ...good, wide: {}, end: { bytes: 1 } },
  "directory start that the ZIP64 record denies": { ...good, wide: {}, end: { start: 0 } },
  "ZIP64 record of another count": { ...good, wide: { entries: 1n } },
  "ZIP64 record of 2^63 entries": { ...good, wide: { entries: 2n ** 63n }, end: { entries: 0xffff } },
  "ZIP64 record of 2^40 entries": { ...good, wide: { entries: 2n ** 40n }, end: { entries: 0xffff } },
  "ZIP64 record of 2^20 + 1 entries": { ...good, wide: { entries: 2n ** 20n + 1n }, end: { entries: 0xffff } },
  "ZIP64 directory of 2^63 bytes": { ...good, wide: { bytes: 2n ** 63n }, end: { bytes: full } },
  "ZIP64 directory of 2^40 bytes": { ...good, wide: { bytes: 2n ** 40n }, end: { bytes: full } },
  "ZIP64 directory elsewhere": { ...good, wide: { start: 0n }, end: { start: full } },
  "ZIP64 record of no size": { ...good, wide: { size: 0n } },
  "ZIP64 record of 2^63 bytes": { ...good, wide: { size: 2n ** 63n } },
  "ZIP64 record without signature": { ...good, wide: { signature: 0 } },
  "ZIP64 record at 0": { ...good, wide: { at: 0n } },
  "ZIP64 record after the file": { ...good, wide: { at: 2n ** 40n } },
  "ZIP64 record at 2^63": { ...good, wide: { at: 2n ** 63n } },
};

const arrays: Readonly<Record<string, Uint8Array>> = {
  "an entry that is no array": Buffer.alloc(200),
  "an array cut short": goodArray.subarray(0, 40),
  "an array and more": Buffer.concat([goodArray, Buffer.alloc(1)]),
  "an array longer than its entry": arrayFile("{'descr': '<f4', 'fortran_order': False, 'shape': (1000,), }\n", 16),
  "an array that is an expression": arrayFile("__import__('os')\n", 16),
};

export function* archiveHeaders(): Generator<HostileHeader> {
  yield* truncated("model.pt", goodArchive, 20);
  for (const [name, said] of Object.entries(entries)) yield hostile("model.pt", name, archiveOf(changed(said)));
  for (const [name, archive] of Object.entries(archives)) yield hostile("model.pt", name, archiveOf(archive));
  for (const [name, data] of Object.entries(arrays)) yield hostile("arrays.npz", name, archiveOf({ entries: [{ name: "a.npy", data }] }));
  yield hostile("arrays.npz", "two arrays of one name", archiveOf({ entries: [1, 2].map(() => ({ name: "a.npy", data: goodArray })) }));
  yield hostile("model.pth", "a bare pickle", pickle.data);
  yield hostile("model.ckpt", "7z", Buffer.concat([Buffer.from("377abcaf271c0004", "hex"), Buffer.alloc(100)]));
  yield hostile("model.pt", "gzip", Buffer.concat([Buffer.from("1f8b0800", "hex"), Buffer.alloc(100)]));
  yield hostile("model.pt", "an end record alone, in a sparse file", goodArchive, { sparseBytes: 2 ** 40 });
  yield* bombs();
}

/** What unpacks into much more than it is. It is never unpacked, so the regular ones are true archives of no tensors. */
function* bombs(): Generator<HostileHeader> {
  const raw = 64 * 1024 * 1024;
  const data = deflateRawSync(Buffer.alloc(raw));
  const bomb = { data, method: 8, central: { raw }, local: { raw } };
  yield hostile("model.pt", "bomb of 64 MiB", archiveOf({ entries: [pickle, { ...bomb, name: "m/data/0" }] }), { refused: false });
  yield hostile("arrays.npz", "bomb of 64 MiB", archiveOf({ entries: [{ ...bomb, name: "a.npy" }] }), { refused: false });
  const many = Array.from({ length: 200 }, (_, index) => ({ ...bomb, name: `${index}.npy`, central: { raw, start: 0 } }));
  yield hostile("arrays.npz", "200 entries over the same bytes", archiveOf({ entries: many }));
  const small = Array.from({ length: 2000 }, (_, index) => ({ name: `m/data/${index}`, data: Buffer.alloc(1) }));
  yield hostile("model.pt", "2,000 storages of one byte", archiveOf({ entries: [pickle, ...small] }), { refused: false });
  yield hostile("model.pt", "an archive in the archive", archiveOf({ entries: [pickle, { name: "m/data/0", data: goodArchive }] }), { refused: false });
}
