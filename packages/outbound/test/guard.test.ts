import { createServer } from "node:http";
import { request } from "node:http";
import { once } from "node:events";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createOutboundGuard, OutboundRefused, type OutboundGuardOptions } from "../src/index.ts";

/** The code of the refusal, or "passes". */
function verdict(url: string, options: Partial<OutboundGuardOptions> = {}): string {
  try {
    createOutboundGuard({ allow: [], ...options }).checkUrl(url);
    return "passes";
  } catch (error) {
    if (error instanceof OutboundRefused) return error.code;
    throw error;
  }
}

const octet = fc.integer({ min: 0, max: 255 });
const privateIpv4 = fc.oneof(
  fc.tuple(fc.constantFrom(0, 10, 127), octet, octet, octet),
  fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
  fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), octet, octet),
  fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
  fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), octet, octet),
  fc.tuple(fc.integer({ min: 224, max: 255 }), octet, octet, octet),
);
const publicIpv4 = fc.tuple(fc.constantFrom(1, 8, 34, 52, 93, 185), octet, octet, octet);
type Ipv4 = readonly [number, number, number, number];
const dotted = (ip: Ipv4): string => ip.join(".");
const asNumber = (ip: Ipv4): number => ip.reduce((sum, part) => sum * 256 + part, 0);
const hexPair = (high: number, low: number): string => ((high << 8) | low).toString(16);
const asHextets = ([a, b, c, d]: Ipv4): string => `${hexPair(a, b)}:${hexPair(c, d)}`;

// What a browser, curl and Node's own fetch all take for the same IPv4 address.
const spellings: readonly ((ip: Ipv4) => string)[] = [
  dotted,
  (ip) => `${dotted(ip)}.`,
  (ip) => String(asNumber(ip)),
  (ip) => `0x${asNumber(ip).toString(16)}`,
  (ip) => `0${asNumber(ip).toString(8)}`,
  (ip) => ip.map((part) => `0x${part.toString(16)}`).join("."),
  (ip) => ip.map((part) => `0${part.toString(8)}`).join("."),
  ([a, b, c, d]) => `${a}.${b}.${c * 256 + d}`,
  (ip) => `${encodeURIComponent(dotted(ip)).replaceAll(".", "%2E")}`,
  (ip) => `[::ffff:${dotted(ip)}]`,
  (ip) => `[0:0:0:0:0:ffff:${asHextets(ip)}]`,
  (ip) => `[64:ff9b::${asHextets(ip)}]`,
];

describe("addresses", () => {
  test("no spelling of a private IPv4 address passes, a public one does in all of them", () => {
    fc.assert(
      fc.property(privateIpv4, publicIpv4, fc.constantFrom(...spellings), (hidden, open, spell) => {
        expect(verdict(`https://${spell(hidden)}/hook`)).toBe("private_address");
        expect(verdict(`https://${spell(open)}/hook`)).toBe("passes");
      }),
      { numRuns: 2_000 },
    );
  });

  test("addresses that carry an IPv4 address through a tunnel never pass", () => {
    fc.assert(
      fc.property(fc.oneof(privateIpv4, publicIpv4), (ip) => {
        for (const host of [`2002:${asHextets(ip)}::1`, `::${asHextets(ip)}`, `2001:0:${asHextets(ip)}::1`]) {
          expect(verdict(`http://[${host}]`)).toBe("private_address");
        }
      }),
    );
  });

  test.each([
    "[::1]",
    "[::]",
    "[fe80::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[fec0::1]",
    "[2001:db8::1]",
    "[64:ff9b:1::a00:1]",
    "[4000::1]",
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "localhost",
    "LOCALHOST.",
    "api.localhost",
    "①②⑦.0.0.1",
    "127。0。0。1",
  ])("http://%s is refused", (host) => expect(verdict(`http://${host}/`)).toBe("private_address"));

  test.each(["https://hooks.example.com/a?b=c", "http://93.184.216.34:8080", "https://[2606:4700::1111]"])(
    "%s passes",
    (url) => expect(verdict(url)).toBe("passes"),
  );
});

describe("the rest of the URL", () => {
  test.each(["ftp://example.com", "file:///etc/passwd", "javascript:alert(1)", "example.com", "", "http://"])(
    "%s is no address to call",
    (url) => expect(verdict(url)).toBe("scheme"),
  );

  test("a name and password in it are refused", () => {
    expect(verdict("https://me:secret@example.com")).toBe("credentials");
    expect(verdict("https://me@example.com")).toBe("credentials");
  });

  test("only the given ports pass, the usual one of the scheme counts as named", () => {
    const ports = { ports: [443] };
    expect(verdict("https://example.com", ports)).toBe("passes");
    expect(verdict("http://example.com", ports)).toBe("port");
    expect(verdict("https://example.com:8443", ports)).toBe("port");
    expect(verdict("https://inner:8443", { ...ports, allow: ["inner"] })).toBe("passes");
  });
});

describe("the allow-list", () => {
  test.each([
    [["10.1.0.0/16"], "http://10.1.2.3:8080", "passes"],
    [["10.1.0.0/16"], "http://10.2.2.3:8080", "private_address"],
    [["fd00:1::/32"], "http://[fd00:1::5]", "passes"],
    [["127.0.0.1"], "http://[::ffff:127.0.0.1]:9", "passes"],
    [["127.0.0.1:9000"], "http://127.0.0.1:9000", "passes"],
    [["127.0.0.1:9000"], "http://127.0.0.1:9001", "private_address"],
    [["[::1]:9000"], "http://[0:0::1]:9000", "passes"],
    [["localhost"], "http://localhost:1234", "passes"],
    [["localhost:1"], "http://localhost:1234", "private_address"],
    [["crm.inner:8080"], "http://CRM.inner:8080/", "passes"],
    [["crm.inner:8080"], "http://crm.inner/", "port"],
  ])("%j: %s %s", (allow, url, expected) => expect(verdict(url, { allow })).toBe(expected));

  test("an entry that is none stops the start", () => {
    for (const entry of ["http://inner", "10.0.0.0/99", "a b", "host:99999", "-x"]) {
      expect(() => createOutboundGuard({ allow: [entry] }), entry).toThrow(RangeError);
    }
  });
});

const resolver = (answers: Record<string, readonly string[]>) => async (hostname: string) =>
  (answers[hostname] ?? []).map((address) => ({
    address,
    family: address.includes(":") ? (6 as const) : (4 as const),
  }));

describe("names", () => {
  const names = {
    "good.example": ["93.184.216.34", "2606:4700::1111"],
    "mixed.example": ["93.184.216.34", "10.0.0.5"],
    "v6.example": ["fe80::1%eth0"],
    "crm.inner": ["10.0.0.5"],
  };

  test("one private address among several refuses the name", async () => {
    const guard = createOutboundGuard({ allow: [], resolver: resolver(names) });
    await expect(guard.resolve("good.example")).resolves.toHaveLength(2);
    for (const host of ["mixed.example", "v6.example", "127.0.0.1", "[::1]", "x.localhost"]) {
      await expect(guard.resolve(host), host).rejects.toMatchObject({ code: "private_address" });
    }
  });

  test("a listed name or network lets it through; a listed place does so under its own name alone", async () => {
    const resolve = (allow: readonly string[], host: string) =>
      createOutboundGuard({ allow, resolver: resolver(names) }).resolve(host);
    await expect(resolve(["crm.inner"], "CRM.inner.")).resolves.toHaveLength(1);
    await expect(resolve(["10.0.0.0/8"], "mixed.example")).resolves.toHaveLength(2);
    await expect(resolve(["crm.inner:80"], "crm.inner")).resolves.toHaveLength(1);
    await expect(resolve(["10.0.0.5:80"], "mixed.example")).rejects.toMatchObject({
      code: "private_address",
    });
  });
});

describe("connections", () => {
  test("a name that passed and now leads inside is refused by the socket: nothing is connected to", async () => {
    let connections = 0;
    const inside = createServer((_req, res) => res.end("inside")).on("connection", () => (connections += 1));
    await once(inside.listen(0, "127.0.0.1"), "listening");
    const address = inside.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    let asked = 0;
    const rebinding = async () => [
      { address: (asked += 1) === 1 ? "93.184.216.34" : "127.0.0.1", family: 4 as const },
    ];
    try {
      const guard = createOutboundGuard({ allow: [], resolver: rebinding });
      const url = new URL(`http://rebinding.example:${port}/`);
      guard.checkUrl(url);
      await expect(guard.resolve(url.hostname)).resolves.toHaveLength(1);
      const call = request(url, { lookup: guard.lookup }).end();
      const [error] = await once(call, "error").catch((reason: unknown) => [reason]);
      expect(error).toMatchObject({ code: "private_address" });
      expect(connections).toBe(0);

      const open = createOutboundGuard({ allow: ["127.0.0.0/8"], resolver: rebinding });
      const [answer] = await once(request(url, { lookup: open.lookup }).end(), "response");
      expect(answer).toMatchObject({ statusCode: 200 });
      answer.resume();
    } finally {
      inside.closeAllConnections();
      inside.close();
    }
  });
});
