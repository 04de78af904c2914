import { parseVolumeName } from "../../../core/names.ts";
import { volumeConformance } from "../conformance.ts";
import { openMemoryVolume } from "./driver.ts";

volumeConformance("memory", async () => ({ volume: openMemoryVolume({ name: parseVolumeName("memory") }), dispose: async () => undefined }));
