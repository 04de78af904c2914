/** What keeps a store well, below the flows: volumes asked whose they are and what they list, versions followed down to their chunks, and what volumes hold read back into an empty catalog. When to do what is for the flows to say. */
export { problemOfVersion } from "./check-version.ts";
export { objectsInNeed } from "./objects-in-need.ts";
export { Rebuilding } from "./rebuilding.ts";
export { scrubVolume } from "./scrub-volume.ts";
export { replicasOn, surveyVolume, type Tally } from "./survey.ts";
export { mendIdentity, requireOurs } from "./volume-identity.ts";
