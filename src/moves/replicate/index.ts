/** Objects onto volumes, as many times as wanted, each shown to be there; and damaged replicas made new from good ones. Which volumes is for placement to say. */
export { awaitCopies, type Kept } from "./await-copies.ts";
export { checkReplica, type Finding, lendRoom } from "./check-replica.ts";
export { moveReplica } from "./move-replica.ts";
export { readBackBytes } from "./read-back.ts";
export { type RepairedObject, repairObject } from "./repair-object.ts";
export { requireCopies } from "./require-copies.ts";
export { dropReplica } from "./rewrite-replica.ts";
export { type Durability, storeObject } from "./store-object.ts";
export { wholeObject } from "./whole-object.ts";
