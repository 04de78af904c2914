/**
 * Redis servers as one place for keys: a Cluster, whose slots are learnt and followed when they move, or standalone servers on a
 * consistent-hash ring. Servers that do not answer are left alone for a while. What keys mean is left to whoever asks.
 */
export { ClusterRouter } from "./cluster-router.ts";
export { Keyspace } from "./keyspace.ts";
export { RedisNode } from "./node.ts";
export { placeOf, type RedisPlace } from "./place.ts";
export { RingRouter } from "./ring-router.ts";
export { Subscriber } from "./subscriber.ts";
