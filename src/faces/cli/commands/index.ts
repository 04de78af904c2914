/** Every command, in the order of the help. */
import type { AnyCommand } from "../command.ts";
import { cache } from "./cache.ts";
import { cacheClear } from "./cache-clear.ts";
import { diff } from "./diff.ts";
import { doctor } from "./doctor.ts";
import { gc } from "./gc.ts";
import { log } from "./log.ts";
import { ls } from "./ls.ts";
import { pull } from "./pull.ts";
import { push } from "./push.ts";
import { rebuild } from "./rebuild.ts";
import { repair } from "./repair.ts";
import { rm } from "./rm.ts";
import { scrub } from "./scrub.ts";
import { show } from "./show.ts";
import { tag } from "./tag.ts";
import { tensorGet } from "./tensor-get.ts";
import { tensorHot } from "./tensor-hot.ts";
import { tensorSet } from "./tensor-set.ts";
import { volumesAdd } from "./volumes-add.ts";
import { volumesDrain } from "./volumes-drain.ts";
import { volumesList } from "./volumes-list.ts";
import { volumesRebalance } from "./volumes-rebalance.ts";
import { volumesRemove } from "./volumes-remove.ts";
import { warm } from "./warm.ts";
import { watch } from "./watch.ts";

export const commands: readonly AnyCommand[] = [
  push,
  pull,
  ls,
  show,
  log,
  diff,
  tag,
  rm,
  tensorGet,
  tensorSet,
  tensorHot,
  watch,
  volumesAdd,
  volumesList,
  volumesDrain,
  volumesRebalance,
  volumesRemove,
  warm,
  cache,
  cacheClear,
  gc,
  scrub,
  repair,
  rebuild,
  doctor,
];
