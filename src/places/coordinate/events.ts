/**
 * Short texts to whoever listens now. A short cut and nothing else: what was told while somebody did not listen is lost to them, so all
 * that matters is found again elsewhere (the ref log of the catalog, by sequence number).
 */
export interface Events {
  /** Tells those who listen now. At most `eventBytesMax` bytes. Throws ARGUMENT_INVALID for more. */
  tell(topic: string, text: string, signal: AbortSignal): Promise<void>;
  /**
   * `heard` is called with what is told from soon after the call on, and with undefined whenever something may have been missed: once when
   * listening begins, and each time it begins again. Until it is disposed of.
   */
  listen(topic: string, heard: (text: string | undefined) => void): Disposable;
}

export const eventBytesMax = 4096;
