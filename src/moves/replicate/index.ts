/** Objects onto volumes, as many times as wanted, read back; and damaged replicas made new from good ones. Which volumes is for placement to say. */
export { checkReplica, type Finding, lendRoom, type Room } from "./check-replica.ts";
export { readBack, readBackBytes } from "./read-back.ts";
export { type RepairedObject, repairObject } from "./repair-object.ts";
export { dropReplica, rewriteReplica } from "./rewrite-replica.ts";
export { type Durability, type NewObject, type StoredObject, storeObject } from "./store-object.ts";
export { type WholeObject, wholeObject } from "./whole-object.ts";
