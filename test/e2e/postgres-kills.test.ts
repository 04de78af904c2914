import { wantEngine } from "../services/wanted.ts";
import { testSmall } from "./small.ts";

// It starts and kills a server of its own; where one is up, there is what it takes.
testSmall("postgres-kills", { skip: wantEngine("HOLDFAST_TEST_POSTGRES").skip });
