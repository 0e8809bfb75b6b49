import { runMain } from "@pregonero/runtime";
import { startApi } from "./compose.ts";
import { readEnv } from "./env.ts";

runMain("pregonero-api", () => startApi(readEnv(process.env)));
