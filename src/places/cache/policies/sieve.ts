/**
 * SIEVE (Zhang, Yang, Yue, Vigfusson, Rashmi: SIEVE is simpler than LRU, NSDI 2024). New keys enter at the head and never move; a hand
 * goes from the tail to the head, spares each key that was read since it last came by, and takes the first that was not. So a scan
 * passes through, and a read costs a mark.
 */
import type { CacheKey } from "../key.ts";
import type { EvictionPolicy } from "../policy.ts";

interface Node {
  readonly key: CacheKey;
  visited: boolean;
  newer: Node | undefined;
  older: Node | undefined;
}

export class Sieve implements EvictionPolicy {
  readonly name = "sieve";
  readonly #nodes = new Map<CacheKey, Node>();
  #newest: Node | undefined;
  #oldest: Node | undefined;
  #hand: Node | undefined;

  added(key: CacheKey): void {
    if (this.#nodes.has(key)) return this.touched(key);
    const node: Node = { key, visited: false, newer: undefined, older: this.#newest };
    if (this.#newest) this.#newest.newer = node;
    this.#newest = node;
    this.#oldest ??= node;
    this.#nodes.set(key, node);
  }

  touched(key: CacheKey): void {
    const node = this.#nodes.get(key);
    if (node) node.visited = true;
  }

  removed(key: CacheKey): void {
    const node = this.#nodes.get(key);
    if (!node) return;
    this.#nodes.delete(key);
    if (this.#hand === node) this.#hand = node.newer;
    if (node.newer) node.newer.older = node.older;
    else this.#newest = node.older;
    if (node.older) node.older.newer = node.newer;
    else this.#oldest = node.newer;
  }

  /** At most once around: every key that is spared loses its mark. */
  victim(): CacheKey | undefined {
    let node = this.#hand ?? this.#oldest;
    while (node?.visited) {
      node.visited = false;
      node = node.newer ?? this.#oldest;
    }
    if (!node) return undefined;
    this.#hand = node;
    this.removed(node.key);
    return node.key;
  }
}
