import { kinds } from "../world/devices.ts";
import { sendsOverHttp } from "../proxy/patterns.ts";
import type { Fault } from "./fault.ts";

const gateways = ["whatsapp_cloud", "wablas"] as const;

/** The request is out, its answer never comes: nobody can say what became of it, but the webhook. */
const cutAfterRequest: Fault = {
  name: "network cut after the request went out",
  short: true,
  kinds: gateways,
  eachKind: true,
  inject: async ({ world, kind, pause, random }) => {
    if (kind === "whatsapp_web") throw new Error("pages have a connection of their own");
    for (let n = 0; n < 5; n++) {
      const trap = world.provider.trap("answer", sendsOverHttp(kind));
      const caught = await trap.sprung(10_000);
      await pause(random.between(0, 300));
      trap.cut();
      if (!caught) throw new Error("no send came by");
    }
  },
};

/** Pages and gateways alike lose the provider for a while. */
const lineCut: Fault = {
  name: "network between workers and providers cut",
  short: false,
  kinds,
  inject: async ({ world, random, pause }) => {
    world.provider.refuse(true);
    world.provider.cut();
    await pause(random.between(2_000, 5_000));
    world.provider.refuse(false);
  },
};

const broken = (name: string, short: boolean, knob: string): Fault => ({
  name: `provider answers ${name}`,
  short,
  kinds: gateways,
  inject: async ({ world, pause }) => {
    const faults = { [knob]: 0.3 };
    await world.sandbox.faults({ cloud: faults, wablas: faults });
    await pause(2_000);
    await world.sandbox.faults({ cloud: { ...faults, before: true }, wablas: { ...faults, before: true } });
    await pause(2_000);
    await world.sandbox.calm();
  },
  tidy: async ({ world }) => {
    await world.sandbox.calm();
  },
});

export const providerFaults: readonly Fault[] = [
  cutAfterRequest,
  lineCut,
  broken("500", false, "http_500_share"),
  broken("garbage", false, "garbage_share"),
  broken("half a body", false, "half_body_share"),
  broken("nothing", false, "no_answer_share"),
];
