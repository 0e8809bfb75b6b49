import { expect, test } from "vitest";
import { disagreements } from "../src/demo/disagreements.ts";

test("the order does not matter when every number got what was sent", () => {
  expect(disagreements(["1", "2", "2"], ["2", "1", "2"])).toEqual([]);
});

test("a message that got lost, one that came twice and one to a stranger are each told", () => {
  expect(disagreements(["1", "2", "3"], ["2", "3", "3", "4"])).toEqual([
    { phone: "1", sent: 1, arrived: 0 },
    { phone: "3", sent: 1, arrived: 2 },
    { phone: "4", sent: 0, arrived: 1 },
  ]);
});
