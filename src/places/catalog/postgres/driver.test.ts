import { newPlace, withoutServer } from "../../../../test/catalog/postgres.ts";
import { catalogConformance } from "../conformance.ts";

catalogConformance("postgres", newPlace, withoutServer);
