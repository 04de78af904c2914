/** Which servers have a key: by the slots of a cluster, or by a ring over servers that know nothing of each other. */
import type { RedisNode } from "./node.ts";

export interface Router {
  /** Learns what there is to learn before the first question. Throws CACHE_UNREACHABLE. */
  ready(): Promise<void>;
  /** All that serve keys. */
  nodes(): readonly RedisNode[];
  /** Those that a key is kept on, the first to be read first; none where nobody knows. */
  owners(key: string): readonly RedisNode[];
  /** The server that a refusal names, learnt for next time; undefined for any other refusal. */
  redirected(refusal: string): Promise<{ readonly node: RedisNode; readonly ask: boolean } | undefined>;
  /** A server did not answer: perhaps others serve its keys now. */
  doubted(): void;
  close(): void;
}
