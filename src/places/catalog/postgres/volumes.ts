/** The volumes of the store. */
import { fault } from "../../../core/errors.ts";
import type { VolumeName } from "../../../core/names.ts";
import type { VolumeBook, VolumeRow } from "../catalog.ts";
import type { Runner } from "./engine.ts";
import type { Session } from "./session.ts";

export const volumeBook = (runner: Runner): VolumeBook => ({
  volumes: () => runner.read(volumes),
  setVolume: (row) => runner.write((session) => setVolume(session, row)),
  removeVolume: (name) => runner.write((session) => session.long(() => removeVolume(session, name))),
});

function volumes(session: Session): Promise<VolumeRow[]> {
  return session.all<VolumeRow>(`SELECT name, url, identity AS id, failure_domain AS "failureDomain", weight, state FROM volume ORDER BY name`);
}

/** Not by ON CONFLICT, which would use up a number each time. */
async function setVolume(session: Session, row: VolumeRow): Promise<void> {
  await refuseOtherIdentity(session, row);
  const values = [row.name, row.url, row.id, row.failureDomain, row.weight, row.state];
  const changed = await session.run("UPDATE volume SET url = $2, identity = $3, failure_domain = $4, weight = $5, state = $6 WHERE name = $1", ...values);
  if (changed === 0) await session.run("INSERT INTO volume (name, url, identity, failure_domain, weight, state) VALUES ($1, $2, $3, $4, $5, $6)", ...values);
}

/** A name that has another identity now, or an identity that has another name, is a disk swapped or cloned. */
async function refuseOtherIdentity(session: Session, row: VolumeRow): Promise<void> {
  const sql = "SELECT name, identity FROM volume WHERE (name = $1) <> (identity = $2) AND (name = $1 OR identity = $2)";
  const other = await session.get<{ name: string; identity: string }>(sql, row.name, row.id);
  if (other)
    throw fault("VOLUME_FOREIGN", `volume ${row.name} has identity ${row.id}; the catalog knows ${other.name} with ${other.identity}`, {
      advice: "Check what is mounted there; a volume that was replaced gets a new name.",
    });
}

/** Its replicas go with it, as many as there are objects. */
async function removeVolume(session: Session, name: VolumeName): Promise<void> {
  await session.run("DELETE FROM volume WHERE name = $1", name);
}

export async function requireVolumes(session: Session, names: readonly VolumeName[]): Promise<void> {
  const sql = "SELECT asked.name FROM unnest($1::text[]) AS asked (name) WHERE NOT EXISTS (SELECT 1 FROM volume WHERE volume.name = asked.name)";
  const [unknown] = await session.all<{ name: VolumeName }>(sql, names);
  if (unknown) throw fault("VOLUME_MISSING", `there is no volume ${unknown.name} in the catalog`);
}
