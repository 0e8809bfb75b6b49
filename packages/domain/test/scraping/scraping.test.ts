import { describe, expect, test } from "vitest";
import { compareFields, decideVisit, readSite } from "../../src/index.ts";

describe("a line of a list of domains", () => {
  test.each([
    ["example.com", "example.com", "https://example.com/"],
    ["  WWW.Example.COM. ", "www.example.com", "https://www.example.com/"],
    ["http://example.com/shop?x=1#top", "example.com", "http://example.com/"],
    ["https://example.com:8443", "example.com:8443", "https://example.com:8443/"],
    ["panadería.es", "xn--panadera-i2a.es", "https://xn--panadera-i2a.es/"],
  ])("%s names a site", (line, name, url) => {
    expect(readSite(line)).toEqual({ ok: true, site: { name, host: name, url } });
  });

  test.each([
    "",
    "localhost",
    "10.0.0.1",
    "[::1]",
    "0x7f.1",
    "2130706433",
    "ftp://example.com",
    "a b.com",
    "user:pw@example.com",
  ])("%s names none", (line) => {
    expect(readSite(line).ok).toBe(false);
  });
});

describe("after a visit without a report", () => {
  const tried = { attempt: 1, maxRetries: 2, retryDelayMs: 1_000 };

  test.each(["dns", "connection", "timeout", "crash"] as const)(
    "%s is tried again, later each time",
    (problem) => {
      expect(decideVisit(problem, tried)).toEqual({ do: "retry", afterMs: 1_000 });
      expect(decideVisit(problem, { ...tried, attempt: 2 })).toEqual({ do: "retry", afterMs: 2_000 });
      expect(decideVisit(problem, { ...tried, attempt: 3 })).toEqual({ do: "fail" });
    },
  );

  test.each(["tls", "private_address", "redirect_loop", "too_large", "download"] as const)(
    "%s would end the same way another time",
    (problem) => {
      expect(decideVisit(problem, tried)).toEqual({ do: "fail" });
    },
  );

  test("an answer is tried again when another moment may mend it, after the pause that the site asks for", () => {
    expect(decideVisit("http", { ...tried, httpStatus: 404 })).toEqual({ do: "fail" });
    expect(decideVisit("http", { ...tried, httpStatus: 503, retryAfterMs: 9_000 })).toEqual({
      do: "retry",
      afterMs: 9_000,
    });
    expect(decideVisit("blocked", { ...tried, httpStatus: 403 })).toEqual({ do: "fail" });
    expect(decideVisit("blocked", { ...tried, httpStatus: 429, retryAfterMs: 1e9 })).toEqual({
      do: "retry",
      afterMs: 3_600_000,
    });
  });

  test("rules of robots.txt skip a site; a server that cannot tell its rules is asked again", () => {
    expect(decideVisit("robots", tried)).toEqual({ do: "skip" });
    expect(decideVisit("robots", { ...tried, httpStatus: 503 })).toEqual({ do: "retry", afterMs: 1_000 });
  });
});

test("two things are compared leaf by leaf: numbers by difference, lists by what came and went", () => {
  const fields = compareFields(
    {
      title: "a",
      size: { bytes: 10, requests: 1 },
      list: [{ n: 1 }, { n: 2 }],
      same: [1],
      tls: { issuer: "CA" },
    },
    { title: "b", size: { bytes: 7.5, requests: 1 }, list: [{ n: 2 }, { n: 3 }], same: [1], tls: null },
  );
  const changed = fields.filter((field) => field.changed);
  expect(changed).toEqual([
    { field: "title", before: "a", after: "b", changed: true },
    { field: "size.bytes", before: 10, after: 7.5, changed: true, difference: -2.5 },
    {
      field: "list",
      before: [{ n: 1 }, { n: 2 }],
      after: [{ n: 2 }, { n: 3 }],
      changed: true,
      added: [{ n: 3 }],
      removed: [{ n: 1 }],
    },
    { field: "tls.issuer", before: "CA", after: null, changed: true },
  ]);
});
