/**
 * What knows. A catalog keeps refs, versions, the chunk index, the ledgers of objects and replicas, volumes and intents, and decides every
 * compare-and-set of the store. It keeps no bytes of models and reaches no volume: what its rows say about bytes is the word of the flow
 * that wrote them, and all of it can be made again from the volumes.
 */
export * from "./catalog.ts";
export { exportCatalog } from "./export.ts";
export { followChanges } from "./follow.ts";
export { lastChange } from "./last-change.ts";
export { catalogBeside, catalogIsThere, catalogUrlFrom, discardCatalog, isCatalogUrl, openCatalog, swapCatalog, withoutPassword } from "./open.ts";
