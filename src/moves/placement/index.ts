/**
 * Placement: where replicas should be. It takes facts about volumes and replicas and returns intended places, copies and removals;
 * it reads nothing, writes nothing and waits for nothing. Acting on its answers is left to flows and transfer.
 */
export { choosePlaces } from "./choose.ts";
export type { VolumeFacts } from "./facts.ts";
export { groupPlaces } from "./group-places.ts";
export { type Holding, type Move, Rebalancing } from "./rebalance-plan.ts";
export { planRepair, type RepairPlan } from "./repair-plan.ts";
