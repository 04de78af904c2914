/** The registry: from the URL of a volume to its driver, loaded when it is first asked for, with the wrappers around it. */
import { fault } from "../../core/errors.ts";
import type { VolumeName } from "../../core/names.ts";
import { VolumeHealth } from "./health.ts";
import { checkIdentity, claimIdentity, repairIdentity } from "./identity.ts";
import type { Volume } from "./volume.ts";
import type { VolumeDriver, VolumeEnvironment, VolumePlace, VolumeSpace } from "./volume-driver.ts";
import { breaker } from "./wrap/breaker.ts";
import { deadline } from "./wrap/deadline.ts";
import { limit } from "./wrap/limit.ts";
import { measure } from "./wrap/measure.ts";
import { retry } from "./wrap/retry.ts";

const drivers: Readonly<Record<string, () => Promise<{ readonly driver: VolumeDriver }>>> = {
  file: () => import("./local/index.ts"),
  hdfs: () => import("./hdfs/index.ts"),
  memory: () => import("./memory/index.ts"),
  s3: () => import("./s3/index.ts"),
};

/** A volume as the catalog knows it; its `VolumeRow` is one. */
export interface VolumeEntry extends VolumePlace {
  readonly name: VolumeName;
  readonly id: string;
}

export interface OpenEnvironment extends VolumeEnvironment {
  /** Where what the volume does is noted. Default: nowhere that anyone looks. */
  readonly health?: VolumeHealth;
  readonly signal?: AbortSignal;
}

/**
 * Opens a volume of this store. Throws VOLUME_IDENTITY_MISSING, VOLUME_FOREIGN or OBJECT_CORRUPT when what lies there is
 * not it, and CONFIG_INVALID for a URL that no driver takes.
 */
export async function openVolume(entry: VolumeEntry, clusterId: string, environment: OpenEnvironment): Promise<Volume> {
  return openAnd(checkIdentity, entry, clusterId, environment);
}

/** Makes a new or empty place a volume of this store and opens it. Throws VOLUME_FOREIGN where anything else lies there. */
export async function claimVolume(entry: VolumeEntry, clusterId: string, environment: OpenEnvironment): Promise<Volume> {
  const driver = await driverOf(entry.url);
  await driver.prepare(entry, environment);
  return openAnd(claimIdentity, entry, clusterId, environment);
}

/** Opens a volume whose identity is damaged or gone and writes that again; only for a place that someone vouches for. */
export async function repairVolume(entry: VolumeEntry, clusterId: string, environment: OpenEnvironment): Promise<Volume> {
  return openAnd(repairIdentity, entry, clusterId, environment);
}

/** Opens what lies at a place, whoever's it is, for those who find out: nothing is written there before its identity is settled. */
export async function openAsFound(place: VolumePlace, environment: OpenEnvironment): Promise<Volume> {
  const driver = await driverOf(place.url);
  return wrap(await driver.open(place, environment), environment);
}

/** Copies that the place keeps by itself of every object, whether or not it can be reached now. Throws CONFIG_INVALID. */
export async function copiesAt(url: string): Promise<number> {
  return (await driverOf(url)).copies(url);
}

/** Whether the bytes of a volume come over a network, and not from a file system of this machine. */
export function isOverNetwork({ url }: Pick<VolumePlace, "url">): boolean {
  return schemeOf(url) !== "file";
}

/** How large the place of a volume is and how much is free; undefined where nobody can say. Throws what the place answers. */
export async function spaceOf(place: VolumePlace, environment: VolumeEnvironment, signal: AbortSignal): Promise<VolumeSpace | undefined> {
  return (await driverOf(place.url)).space(place, environment, signal);
}

async function openAnd(settle: typeof checkIdentity, entry: VolumeEntry, clusterId: string, environment: OpenEnvironment): Promise<Volume> {
  const driver = await driverOf(entry.url);
  const volume = wrap(await driver.open(entry, environment), environment);
  try {
    await settle(volume, { clusterId, volumeId: entry.id, name: entry.name }, environment.signal ?? new AbortController().signal);
    return volume;
  } catch (error) {
    await volume[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Outermost first: what the breaker refuses never happened; what is measured is what the caller sees, retries included; a deadline holds for
 * one attempt, without the wait for its turn.
 */
export function wrap(volume: Volume, { world, health = new VolumeHealth(world) }: OpenEnvironment): Volume {
  const { meter, reads } = health;
  return breaker(measure(retry(limit(deadline(volume, { world })), { world }), { world, meter, reads }), { world, health });
}

async function driverOf(url: string): Promise<VolumeDriver> {
  const load = drivers[schemeOf(url)];
  if (!load)
    throw fault("CONFIG_INVALID", `no kind of volume has the URL ${JSON.stringify(url)}`, {
      advice: "Give a folder, or a URL that `holdfast volumes --help` names.",
    });
  return (await load()).driver;
}

/** Plain paths have no scheme; a single letter before the colon is a drive. */
function schemeOf(url: string): string {
  return /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase() ?? "file";
}
