/** The rule that sends pieces of files to groups; a group fills shards of its own. Decided from name and position, before a byte is read. */
export interface PieceFacts {
  /** Path of the file in the version. */
  readonly path: string;
  /** Name of the tensor that the piece belongs to, or undefined for headers, gaps and opaque files. */
  readonly tensor: string | undefined;
  /** Where the piece starts: in its file, and in the version as a whole (files in path order laid one behind the other). */
  readonly start: number;
  readonly position: number;
  /** Bytes of the whole version. */
  readonly total: number;
}

export interface ShardStrategy {
  readonly name: string;
  /** Whether pieces reach the groups in file order, so that a file can be digested in the same pass. */
  readonly sequential: boolean;
  /** A number in [0, groups). */
  groupOf(piece: PieceFacts, groups: number): number;
}
