/** Objects onto volumes, as many times as wanted, read back; and damaged replicas made new from good ones. Which volumes is for placement to say. */
export { readBack, readBackBytes } from "./read-back.ts";
export { type Durability, type NewObject, type StoredObject, storeObject } from "./store-object.ts";
