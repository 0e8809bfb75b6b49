import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const root = join(import.meta.dirname, "../../..");

const dependencySchema = z.strictObject({
  condition: z.enum(["service_healthy", "service_completed_successfully"]),
});

/** The part of the Compose specification that is used here: an unknown key is a spelling mistake. */
const serviceSchema = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.literal("."), dockerfile: z.string() }).optional(),
  profiles: z.array(z.string()).optional(),
  restart: z.enum(["no", "unless-stopped"]),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  init: z.boolean().optional(),
  shm_size: z.string().optional(),
  security_opt: z.array(z.string()).optional(),
  stop_grace_period: z
    .string()
    .regex(/^\d+s$/)
    .optional(),
  healthcheck: z
    .union([
      z.strictObject({ disable: z.literal(true) }),
      z.strictObject({
        test: z.array(z.string()),
        interval: z.string(),
        timeout: z.string(),
        retries: z.int(),
      }),
    ])
    .optional(),
  depends_on: z.record(z.string(), dependencySchema).optional(),
});

const composeSchema = z.strictObject({
  "x-shared": z.record(z.string(), z.string()),
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.null()),
});

const text = await readFile(join(root, "docker-compose.yml"), "utf8");
const compose = composeSchema.parse(parse(text, { merge: true }));
const service = (name: string) => {
  const found = compose.services[name];
  if (!found) throw new Error(`no service ${name}`);
  return found;
};
const ours = ["migrate", "api", "worker", "sandbox"];

test("has the services that make up the product", () => {
  expect(Object.keys(compose.services).toSorted()).toEqual([...ours, "postgres", "redis"].toSorted());
});

test("builds each of ours from a Dockerfile that is there", () => {
  for (const name of ours)
    expect(existsSync(join(root, service(name).build?.dockerfile ?? "missing"))).toBe(true);
});

test("lets nothing start before the database is migrated and Redis answers", () => {
  for (const name of ["api", "worker"])
    expect(service(name).depends_on).toEqual({
      migrate: { condition: "service_completed_successfully" },
      redis: { condition: "service_healthy" },
    });
  expect(service("migrate").depends_on).toEqual({ postgres: { condition: "service_healthy" } });
  expect(service("migrate").restart).toBe("no");
  for (const name of ["postgres", "redis"]) expect(service(name).healthcheck).toHaveProperty("test");
});

test("lets workers be scaled: no port or name of their own, sessions on a volume that all share", () => {
  const worker = service("worker");
  expect(worker.ports).toBeUndefined();
  expect(worker.volumes).toEqual(["sessions:/data/sessions", "blobs:/data/blobs"]);
  expect(service("api").volumes).toEqual(["blobs:/data/blobs"]);
  expect(worker).toMatchObject({ init: true, shm_size: "1gb" });
});

test("gives what runs the time that its own shutdown takes", async () => {
  const seconds = (name: string) => Number.parseInt(service(name).stop_grace_period ?? "0", 10);
  const shutdownMs = async (app: string) => {
    const env = await readFile(join(root, `apps/${app}/src/env.ts`), "utf8");
    return Number(/SHUTDOWN_MS: envMs\(([\d_]+)\)/.exec(env)?.[1]?.replaceAll("_", ""));
  };
  for (const app of ["api", "worker"])
    expect(seconds(app) * 1_000).toBeGreaterThan((await shutdownMs(app)) + 5_000);
});

test("names only settings that the app knows", async () => {
  for (const app of ["api", "worker"]) {
    const files = [`apps/${app}/src/env.ts`, "packages/outbound/src/env.ts", "packages/storage/src/env.ts"];
    const env = (await Promise.all(files.map((file) => readFile(join(root, file), "utf8")))).join("\n");
    for (const name of Object.keys(service(app).environment ?? {}))
      expect(env).toMatch(new RegExp(`^  ${name}: `, "m"));
  }
});

test("keeps data on named volumes and opens nothing but the API, and that to this machine only unless told otherwise", () => {
  const mounts = Object.values(compose.services).flatMap(({ volumes }) => volumes ?? []);
  expect([...new Set(mounts.map((mount) => mount.split(":")[0]))].toSorted()).toEqual(
    Object.keys(compose.volumes).toSorted(),
  );
  for (const { ports } of Object.values(compose.services))
    for (const port of ports ?? [])
      expect(port).toMatch(/^(?:127\.0\.0\.1|\$\{API_ADDRESS:-127\.0\.0\.1\}):/);
  expect(service("postgres").ports ?? service("redis").ports).toBeUndefined();
});

test("holds no secret, and says where to put those that it needs", async () => {
  const secrets = [...text.matchAll(/\$\{(\w*(?:PASSWORD|SECRET|TOKEN|KEY|KEYS_OLD))(?!\w)([^}]*)\}/g)];
  expect(secrets.length).toBeGreaterThan(2);
  for (const [, name, fallback] of secrets) expect(fallback, name).toMatch(/^(?::-$|:\?)/);
  const example = await readFile(join(root, ".env.example"), "utf8");
  expect(example).toMatch(/^POSTGRES_PASSWORD=$/m);
  expect(await readFile(join(root, ".gitignore"), "utf8")).toMatch(/^\.env$/m);
  const names = [...example.matchAll(/^#? ?([A-Z_]+)=/gm)].map(([, name]) => name);
  for (const name of names) expect(text).toContain(`\${${name}`);
});

test("lets Chromium have its sandbox, with a profile that is there", async () => {
  const option = service("worker").security_opt?.find((one) => one.startsWith("seccomp="));
  const profile: { defaultAction: string; syscalls: { names: string[]; action: string }[] } = JSON.parse(
    await readFile(join(root, option?.slice("seccomp=".length) ?? "missing"), "utf8"),
  );
  const denied = profile.syscalls.flatMap(({ names, action }) => (action === "SCMP_ACT_ERRNO" ? names : []));
  for (const needed of ["clone", "clone3", "unshare", "setns"]) expect(denied).not.toContain(needed);
  for (const dangerous of ["mount", "bpf", "kexec_load", "init_module", "keyctl"])
    expect(denied).toContain(dangerous);
  expect(denied).toEqual(denied.toSorted());
});
