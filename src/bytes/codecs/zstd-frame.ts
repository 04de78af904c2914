/** The outside of a Zstandard frame (RFC 8878, section 3.1.1): enough to know where it ends without decoding it. */

const magic = 0xfd2fb528;
const blockHeadBytes = 3;
const rleBlock = 1;
const reservedBlock = 3;

/** Bytes of the header behind the magic number; undefined when it asks for a dictionary or uses a reserved bit. */
function headerBytes(descriptor: number): number | undefined {
  const singleSegment = (descriptor >> 5) & 1;
  const contentSizeFlag = descriptor >> 6;
  if ((descriptor & 0b1011) !== 0) return undefined;
  const contentSizeBytes = contentSizeFlag === 0 ? singleSegment : 1 << contentSizeFlag;
  return 1 + (singleSegment === 1 ? 0 : 1) + contentSizeBytes;
}

/** Length of the one frame that the bytes begin with; undefined when they hold no whole frame. Linear in the number of blocks. */
export function zstdFrameBytes(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 6 || view.getUint32(0, true) !== magic) return undefined;
  const descriptor = view.getUint8(4);
  const header = headerBytes(descriptor);
  if (header === undefined) return undefined;
  const checksumBytes = ((descriptor >> 2) & 1) * 4;
  let at = 4 + header;
  for (;;) {
    if (at + blockHeadBytes > bytes.length) return undefined;
    const head = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const kind = (head >> 1) & 3;
    if (kind === reservedBlock) return undefined;
    at += blockHeadBytes + (kind === rleBlock ? 1 : head >> 3);
    if ((head & 1) === 1) return at + checksumBytes <= bytes.length ? at + checksumBytes : undefined;
  }
}
