import { runMain } from "@pregonero/runtime";
import { composeSandbox } from "./compose.ts";
import { readSettings } from "./env.ts";

runMain("sandbox", async () => {
  const sandbox = await composeSandbox(readSettings(process.env));
  process.stdout.write(`sandbox ready on ${sandbox.url}\nwebsites on ${sandbox.sites}\n`);
  return sandbox;
});
