/** A body in pieces for the socket: small views together in one system call, large ones apart, so that progress can be seen. */

const pieceBytes = 1024 * 1024;
/** As many as one system call takes on every platform. */
const viewsMax = 512;

export interface Piece {
  readonly views: readonly Uint8Array[];
  readonly bytes: number;
}

/** Views that follow each other, cut where a piece is full; views of no bytes are left out. */
export function* piecesOf(views: readonly Uint8Array[]): Generator<Piece> {
  let piece: Uint8Array[] = [];
  let bytes = 0;
  for (const view of views)
    for (let at = 0; at < view.byteLength; ) {
      const part = view.subarray(at, at + pieceBytes - bytes);
      piece.push(part);
      bytes += part.byteLength;
      at += part.byteLength;
      if (bytes < pieceBytes && piece.length < viewsMax) continue;
      yield { views: piece, bytes };
      piece = [];
      bytes = 0;
    }
  if (bytes > 0) yield { views: piece, bytes };
}
