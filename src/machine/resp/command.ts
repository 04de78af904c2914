/** A command as the protocol writes it: a list of arguments, each with its length. */

export interface Command {
  /** An argument is text, or views whose bytes follow each other. */
  readonly words: readonly (string | readonly Uint8Array[])[];
  /** Where the value of the answer goes if it has exactly so many bytes. */
  readonly into?: readonly Uint8Array[];
}

/** The bytes to send: what is text is joined, views of the caller stay as they are. */
export function bytesOfCommand({ words }: Command): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let text = `*${words.length}\r\n`;
  for (const word of words)
    if (typeof word === "string") text += `$${Buffer.byteLength(word)}\r\n${word}\r\n`;
    else {
      text += `$${lengthOfViews(word)}\r\n`;
      pieces.push(Buffer.from(text), ...word);
      text = "\r\n";
    }
  pieces.push(Buffer.from(text));
  return pieces;
}

export function lengthOfViews(views: readonly Uint8Array[]): number {
  return views.reduce((sum, view) => sum + view.byteLength, 0);
}
