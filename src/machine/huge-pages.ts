/**
 * Large pages for memory that the disk reads and writes. Behind pages of 4 KiB a direct write of a megabyte is up to 256 pieces of memory, each
 * of which kernel and disk handle by itself; behind pages of 2 MiB it is one. Linux gives them to who asks with `madvise`, which Node
 * cannot call: a foreign function interface does, where it is installed. Without it everything works, slower.
 */
import { createRequire } from "node:module";
import { arch, platform } from "node:process";

type Advise = (start: Uint8Array, bytes: number, advice: number) => number;

/** `MADV_HUGEPAGE` in `<sys/mman.h>` of Linux, the same on every processor that Node runs on. */
const madvHugepage = 14;

let advise: Advise | undefined;

/** Whether the kernel took the advice; it may still have no large page to give. `memory` starts on a page. */
export function adviseHugePages(memory: Uint8Array): boolean {
  if (platform !== "linux") return false;
  try {
    advise ??= loadAdvise();
    return advise(memory, memory.byteLength, madvHugepage) === 0;
  } catch {
    return false; // not installed, or not for this processor
  }
}

/** The package of the platform itself: the one above it has an install script. */
function loadAdvise(): Advise {
  const { load } = createRequire(import.meta.url)(`@koromix/koffi-linux-${arch}`) as { load: (library: null) => { func: (prototype: string) => Advise } };
  return load(null).func("int madvise(void *start, size_t bytes, int advice)");
}
