import { readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { freePort } from "@pregonero/local-stack";
import { expect, test } from "vitest";
import { Launcher } from "./support/launcher.ts";
import { processesOf } from "./support/left-behind.ts";
import { RawSocket } from "./support/raw-socket.ts";
import { tempDir } from "./support/temp-dir.ts";

const phones = ["+34 555 40 00 01", "+34 555 40 00 02", "+34 555 40 00 03", "+34 555 41 00 00"];

interface Job {
  readonly id: string;
  readonly status: string;
  readonly progress: unknown;
}

const running = /Pregonero is running[\s\S]*Ctrl-C/;

async function sendBulk(url: string): Promise<Job> {
  const response = await fetch(`${url}/messages/send-bulk`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: "Hola, ¿qué tal?", phones }),
  });
  expect(response.status).toBe(202);
  const answer = (await response.json()) as { status: string; job: Job };
  expect(answer).toMatchObject({
    status: "success",
    job: {
      status: "pending",
      total_numbers: 4,
      devices_limit: 5,
      progress: { sent: 0, failed: 0, total: 4, percentage: 0 },
    },
  });
  return answer.job;
}

async function reset(env: NodeJS.ProcessEnv): Promise<{ code: number | null; output: string }> {
  await using launcher = new Launcher(["reset"], env);
  return { code: await launcher.exited, output: launcher.output };
}

test(
  "what start leaves running serves existing clients at once, ends without a trace, and goes on where it was",
  { timeout: 240_000 },
  async () => {
    const dir = await tempDir();
    const port = await freePort();
    const env = { PREGONERO_DATA_DIR: dir, PORT: String(port) };
    const url = `http://127.0.0.1:${port}`;
    let job: Job;
    let sandboxUrl: string | undefined;
    {
      await using first = new Launcher(["start"], env);
      await first.told(running);
      expect(first.output).toMatch(/sandbox-1 \+34555700001: connected, sandbox-2 \+34555700002: connected/);
      sandboxUrl = /sandbox +(http:\S+)/.exec(first.output)?.[1];

      // Exactly the contract, and no key.
      job = await sendBulk(url);
      await using socket = new RawSocket(`ws://127.0.0.1:${port}/ws/job/${job.id}`);
      const end = await socket.ofType("job_completed");
      expect(socket.frames[0]).toMatchObject({ type: "connected", message: expect.any(String) });
      expect(end).toMatchObject({
        job_id: job.id,
        status: "completed",
        results: {
          sent: 3,
          failed: 1,
          total: 4,
          devices_used: expect.any(Number),
          parallel_workers: expect.any(Number),
        },
      });
      socket.send({ type: "ping", timestamp: 1_700_000_000_123 });
      expect(await socket.ofType("pong")).toMatchObject({ timestamp: 1_700_000_000_123 });

      // A page of some website is not the user, though it can reach the loopback.
      const foreign = await fetch(`${url}/jobs`, { headers: { origin: "https://evil.example" } });
      expect(foreign.status).toBe(403);
      // The key works too, and nobody else can read it.
      const key = (await readFile(join(dir, "admin-key"), "utf8")).trim();
      for (const secret of ["admin-key", "credentials-key"])
        expect((await stat(join(dir, secret))).mode & 0o777).toBe(0o600);
      const withKey = await fetch(`${url}/api/v1/api-keys`, { headers: { authorization: `Bearer ${key}` } });
      expect(withKey.status).toBe(200);

      await using second = new Launcher(["start"], { ...env, PORT: String(await freePort()) });
      expect(await second.exited).toBe(1);
      expect(second.output).toContain(`running already, as process ${first.pid}`);
      const refused = await reset(env);
      expect(refused).toMatchObject({
        code: 1,
        output: expect.stringContaining(`running (process ${first.pid})`),
      });

      expect(await first.interrupt()).toBe(0);
      expect(await processesOf(dir)).toEqual([]);
    }
    {
      await using again = new Launcher(["start"], env);
      await again.told(running);
      expect(again.output).toContain("sandbox-2 +34555700002: connected");
      expect(/sandbox +(http:\S+)/.exec(again.output)?.[1]).toBe(sandboxUrl);
      // Still linked: one session for each phone, since the first start.
      const sessions = (await (await fetch(`${sandboxUrl}/control/sessions`)).json()) as { phone: string }[];
      expect(sessions.map(({ phone }) => phone).sort()).toEqual(["34555700001", "34555700002"]);
      const jobs = (await (await fetch(`${url}/jobs`)).json()) as Job[];
      expect(jobs).toMatchObject([
        { id: job.id, status: "completed", progress: { sent: 3, failed: 1, total: 4 } },
      ]);
      expect(await again.interrupt()).toBe(0);
    }
    await writeFile(join(dir, "notes.txt"), "mine");
    expect(await reset(env)).toMatchObject({ code: 0 });
    await expect(stat(join(dir, "postgres"))).rejects.toThrow("ENOENT");
    await expect(stat(join(dir, "sessions"))).rejects.toThrow("ENOENT");
    expect(await readFile(join(dir, "notes.txt"), "utf8")).toBe("mine");
    expect(await processesOf(dir)).toEqual([]);
  },
);

test("start refuses a port that is taken, and says what to do", async () => {
  const dir = await tempDir();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  try {
    await using launcher = new Launcher(["start"], { PREGONERO_DATA_DIR: dir, PORT: String(port) });
    expect(await launcher.exited).toBe(1);
    expect(launcher.output).toContain(`Port ${port} is taken`);
    expect(launcher.output).toContain(`PORT=${port + 1} npm start`);
  } finally {
    other.close();
  }
});
