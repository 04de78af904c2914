/** The volumes of the store. */
import { fault } from "../../../core/errors.ts";
import type { VolumeName } from "../../../core/names.ts";
import type { VolumeBook, VolumeRow } from "../catalog.ts";
import type { Runner } from "./engine.ts";
import type { Session } from "./session.ts";

export const volumeBook = (runner: Runner): VolumeBook => ({
  volumes: () => runner.read(volumes),
  setVolume: (row) => runner.write((session) => setVolume(session, row)),
  removeVolume: (name) => runner.write((session) => void session.run("DELETE FROM volume WHERE name = ?", name)),
});

function volumes(session: Session): VolumeRow[] {
  const sql = "SELECT name, url, identity AS id, failure_domain AS failureDomain, weight, state FROM volume ORDER BY name";
  return session.all<VolumeRow>(sql).map((row) => ({ ...row }));
}

function setVolume(session: Session, row: VolumeRow): void {
  refuseOtherIdentity(session, row);
  session.run(
    `INSERT INTO volume (name, url, identity, failure_domain, weight, state) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET url = excluded.url, failure_domain = excluded.failure_domain, weight = excluded.weight, state = excluded.state`,
    ...[row.name, row.url, row.id, row.failureDomain, row.weight, row.state],
  );
}

/** A name that has another identity now, or an identity that has another name, is a disk swapped or cloned. */
function refuseOtherIdentity(session: Session, row: VolumeRow): void {
  const sql = "SELECT name, identity FROM volume WHERE (name = ?1) <> (identity = ?2) AND (name = ?1 OR identity = ?2)";
  const other = session.get<{ name: string; identity: string }>(sql, row.name, row.id);
  if (other)
    throw fault("VOLUME_FOREIGN", `volume ${row.name} has identity ${row.id}; the catalog knows ${other.name} with ${other.identity}`, {
      advice: "Check what is mounted there; a volume that was replaced gets a new name.",
    });
}

export function volumeNumber(session: Session, name: VolumeName): number {
  const id = session.get<{ id: number }>("SELECT id FROM volume WHERE name = ?", name)?.id;
  if (id === undefined) throw fault("VOLUME_MISSING", `there is no volume ${name} in the catalog`);
  return id;
}
