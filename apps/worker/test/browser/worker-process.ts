import { BrowserFleet } from "../../src/browser/browser-fleet.ts";
import { fleetOptions } from "./fleet-harness.ts";

/*
 * A process that does nothing but host a device: `node worker-process.ts CHROMIUM SESSIONS_DIR`. It prints "open" once the
 * browser is up and never ends by itself.
 */
const [chromiumPath = "", sessionsDir = ""] = process.argv.slice(2);
const fleet = await BrowserFleet.launch(fleetOptions(chromiumPath, sessionsDir));
await fleet.open(1, new AbortController().signal);
process.stdout.write("open\n");
