/** Strided rows into one block and back, and the comparison of two blocks. */

// @ts-ignore: decorator
@inline function copyRow(dst: usize, src: usize, bytes: usize): void {
  if (bytes >= 256) {
    memory.copy(dst, src, bytes);
    return;
  }
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(dst + i, v128.load(src + i));
  if (bytes & 8) {
    store<u64>(dst + i, load<u64>(src + i));
    i += 8;
  }
  if (bytes & 4) {
    store<u32>(dst + i, load<u32>(src + i));
    i += 4;
  }
  if (bytes & 2) {
    store<u16>(dst + i, load<u16>(src + i));
    i += 2;
  }
  if (bytes & 1) store<u8>(dst + i, load<u8>(src + i));
}

export function gather(src: usize, stride: usize, rowBytes: usize, rows: usize, dst: usize): void {
  if (rowBytes == 1) {
    for (let r: usize = 0; r < rows; r++, src += stride) store<u8>(dst + r, load<u8>(src));
    return;
  }
  for (let r: usize = 0; r < rows; r++, src += stride, dst += rowBytes) copyRow(dst, src, rowBytes);
}

export function scatter(src: usize, rowBytes: usize, rows: usize, dst: usize, stride: usize): void {
  if (rowBytes == 1) {
    for (let r: usize = 0; r < rows; r++, dst += stride) store<u8>(dst, load<u8>(src + r));
    return;
  }
  for (let r: usize = 0; r < rows; r++, dst += stride, src += rowBytes) copyRow(dst, src, rowBytes);
}

/** 1 when the blocks hold the same bytes. Stops at the first 64 that differ. The blocks may overlap. */
export function equal(a: usize, b: usize, n: usize): i32 {
  let i: usize = 0;
  for (; i + 64 <= n; i += 64) {
    const x = v128.or(v128.xor(v128.load(a + i), v128.load(b + i)), v128.xor(v128.load(a + i, 16), v128.load(b + i, 16)));
    const y = v128.or(v128.xor(v128.load(a + i, 32), v128.load(b + i, 32)), v128.xor(v128.load(a + i, 48), v128.load(b + i, 48)));
    if (v128.any_true(v128.or(x, y))) return 0;
  }
  for (; i < n; i++) if (load<u8>(a + i) != load<u8>(b + i)) return 0;
  return 1;
}
