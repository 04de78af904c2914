/** Everything that the work on one volume in HDFS goes through, put together once by whoever opens it. */
import type { World } from "../../../core/world/index.ts";
import type { BulkClient } from "../../../machine/bulk-http/index.ts";
import type { Checksums } from "../../../machine/checksums.ts";
import type { VolumePlace } from "../volume-driver.ts";
import type { DataNodes } from "./data-nodes.ts";
import type { Names } from "./names.ts";
import type { HdfsPlace } from "./place.ts";
import type { Temporaries } from "./temporaries.ts";

export interface Reach {
  readonly world: World;
  /** Of the volume, for messages. */
  readonly volume: VolumePlace["name"];
  readonly place: HdfsPlace;
  readonly client: BulkClient;
  readonly checksums: Checksums;
  readonly names: Names;
  readonly dataNodes: DataNodes;
  readonly temporaries: Temporaries;
}
