/** Opens each of the paths given and prints the codes of the errors, for a test that runs this as another user. */
import { isFault } from "../../src/core/errors.ts";
import { realWorld } from "../../src/core/world/index.ts";
import { openCatalog } from "../../src/places/catalog/index.ts";

const codes = [];
for (const path of process.argv.slice(2))
  try {
    await using _ = await openCatalog(`sqlite:${path}`, realWorld, { create: true });
    codes.push("opened");
  } catch (error) {
    codes.push(isFault(error) ? error.code : String(error));
  }
process.stdout.write(JSON.stringify(codes));
