import { expect, test } from "vitest";
import { checkResult, type DemoResult } from "../src/demo/result.ts";

/** Two rows accepted, one of them sent; one rejected. Only what is compared is there. */
function result(changes: {
  arrivals?: string[];
  rows?: number;
  text?: string;
  rejections?: number;
}): DemoResult {
  const { arrivals = ["1"], rows = 3, text = "Hola Ana", rejections = 1 } = changes;
  return {
    created: {
      accepted: 2,
      rejected: 1,
      campaign: { rows },
      rejected_rows: Array.from({ length: rejections }),
    },
    job: { progress: { sent: 1, failed: 1, unknown: 0, cancelled: 0, skipped: 0 } },
    messages: [{ phone: "1" }, { phone: "2" }],
    arrivals: arrivals.map((to) => ({ to, from_account: "9", text })),
    disagreements: arrivals.join() === "1" ? [] : [{ phone: "1", sent: 1, arrived: arrivals.length }],
  } as unknown as DemoResult;
}

const failing = (of: DemoResult): number[] =>
  checkResult(of).flatMap((check, index) => (check.holds ? [] : [index]));

test("figures that agree", () => {
  expect(failing(result({}))).toEqual([]);
});

test.each([
  ["a row that is neither accepted nor rejected", { rows: 4 }, [0]],
  ["a rejected row without its reason", { rejections: 0 }, [1]],
  ["a message that arrived twice", { arrivals: ["1", "1"] }, [3]],
  ["a message that did not arrive", { arrivals: [] }, [3]],
  ["a variable that was left open", { text: "Hola {{nombre}}" }, [4]],
])("%s fails the demonstration", (_, changes, expected) => {
  expect(failing(result(changes))).toEqual(expected);
});
