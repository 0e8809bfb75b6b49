import { expect, test } from "vitest";
import { cloudFaultSettingsSchema } from "../../src/cloud-api/fault-settings.ts";
import { GatewayFaults } from "../../src/gateway/gateway-faults.ts";

const open = (patch: object) => {
  const faults = new GatewayFaults("cloud", cloudFaultSettingsSchema);
  faults.apply(patch);
  return faults;
};

const draw = (faults: ReturnType<typeof open>, count: number) =>
  Array.from({ length: count }, () => faults.lineFault());

test("the shares of the line's faults are those of all requests, and the same in each run", () => {
  const shares = { garbage_share: 0.1, cut_share: 0.2, http_500_share: 0.3 };
  const drawn = draw(open(shares), 10_000);
  const count = (fault: string | null) => drawn.filter((one) => one === fault).length / 10_000;

  expect(count("garbage")).toBeCloseTo(0.1, 1);
  expect(count("cut")).toBeCloseTo(0.2, 1);
  expect(count("http_500")).toBeCloseTo(0.3, 1);
  expect(count(null)).toBeCloseTo(0.4, 1);
  expect(draw(open(shares), 10_000)).toEqual(drawn);
});

test("without shares the line never breaks, with a whole one always", () => {
  expect(new Set(draw(open({}), 1_000))).toEqual(new Set([null]));
  expect(new Set(draw(open({ no_answer_share: 1 }), 1_000))).toEqual(new Set(["no_answer"]));
});

test("rules keep their counts when other knobs are turned", () => {
  const faults = open({ fail: [{ match: {}, code: 131000, times: 1 }] });
  const codes = [faults.failing("1", "2")?.code];
  faults.apply({ latency_ms: 5 });
  codes.push(faults.failing("1", "2")?.code);
  faults.apply({ fail: [{ match: {}, code: 131016, times: 1 }] });
  codes.push(faults.failing("1", "2")?.code);
  faults.reset();
  codes.push(faults.failing("1", "2")?.code);

  expect(codes).toEqual([131000, undefined, 131016, undefined]);
});

test("a mistake is told with its whole path", () => {
  expect(() => open({ fail: [{ code: "x" }] })).toThrow(/"cloud",\s*"fail",\s*0,\s*"code"/);
});
