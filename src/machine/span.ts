/** A span names bytes in shared memory in a way that can be posted to a worker without copying them. */
export interface Span {
  readonly buffer: SharedArrayBuffer;
  readonly offset: number;
  readonly length: number;
}

export function spanOf(bytes: Uint8Array): Span | undefined {
  if (!(bytes.buffer instanceof SharedArrayBuffer)) return undefined;
  return { buffer: bytes.buffer, offset: bytes.byteOffset, length: bytes.byteLength };
}

/** For bytes that are known to lie in shared memory. */
export function requireSpan(bytes: Uint8Array): Span {
  const span = spanOf(bytes);
  if (!span) throw new TypeError("these bytes are not in shared memory");
  return span;
}

export function bytesOf(span: Span): Uint8Array {
  return new Uint8Array(span.buffer, span.offset, span.length);
}
