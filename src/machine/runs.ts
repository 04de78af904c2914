/** Cuts a byte range of a file and the memory for it into runs: page-aligned ones that may bypass the page cache, and the rest. */

/** What O_DIRECT asks of offsets, lengths and addresses; every common file system is content with it. */
const pageBytes = 4096;

export interface Run {
  readonly offset: number;
  readonly views: readonly Uint8Array[];
  readonly bytes: number;
  readonly direct: boolean;
}

/**
 * The views one behind the other from `offset` on. A view's page-aligned middle is a direct run when it has at least
 * `directBytesMin`; neighbours that are not direct are joined. An address is judged by its place in its buffer:
 * WebAssembly memory starts on a page, and where another buffer does not the kernel says EINVAL.
 */
export function cutRuns(offset: number, views: readonly Uint8Array[], directBytesMin: number): Run[] {
  const runs: Run[] = [];
  let at = offset;
  for (const view of views) {
    for (const piece of cutView(at, view, directBytesMin)) append(runs, piece);
    at += view.byteLength;
  }
  return runs;
}

function cutView(offset: number, view: Uint8Array, directBytesMin: number): Run[] {
  const head = (pageBytes - (offset % pageBytes)) % pageBytes;
  const middle = Math.floor(Math.max(0, view.byteLength - head) / pageBytes) * pageBytes;
  const sameAlignment = view.byteOffset % pageBytes === offset % pageBytes;
  if (!sameAlignment || middle < directBytesMin || middle === 0) return pieceOf(offset, view, false);
  return [
    ...pieceOf(offset, view.subarray(0, head), false),
    ...pieceOf(offset + head, view.subarray(head, head + middle), true),
    ...pieceOf(offset + head + middle, view.subarray(head + middle), false),
  ];
}

function pieceOf(offset: number, view: Uint8Array, direct: boolean): Run[] {
  return view.byteLength === 0 ? [] : [{ offset, views: [view], bytes: view.byteLength, direct }];
}

function append(runs: Run[], piece: Run): void {
  const last = runs.at(-1);
  if (!last || last.direct || piece.direct) runs.push(piece);
  else runs[runs.length - 1] = { ...last, views: [...last.views, ...piece.views], bytes: last.bytes + piece.bytes };
}

/** The views without their first `bytes`. */
export function dropBytes(views: readonly Uint8Array[], bytes: number): Uint8Array[] {
  const left: Uint8Array[] = [];
  let skip = bytes;
  for (const view of views) {
    if (skip < view.byteLength) left.push(skip === 0 ? view : view.subarray(skip));
    skip = Math.max(0, skip - view.byteLength);
  }
  return left;
}
