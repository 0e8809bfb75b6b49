import { Stop } from "./processes.mjs";

/** @param {string} range as in `engines.node`: `>=20.19` */
export function checkNodeVersion(range) {
  const needed = range.replace(">=", "").split(".").map(Number);
  const present = process.versions.node.split(".").map(Number);
  const differing = needed.findIndex((part, place) => part !== present[place]);
  if (differing === -1 || present[differing] > needed[differing]) return;
  throw new Stop(`Node ${needed.join(".")} or later is needed; this is ${process.versions.node}.`);
}
