import { defineConfig } from "vitest/config";

const conditions = ["source"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  // Where Vitest runs the global set-up: without it a fresh clone has nothing to import, and an old build is used later.
  environments: { __vitest__: { resolve: { conditions, externalConditions: conditions } } },
  test: {
    include: ["{apps,packages}/*/test/**/*.test.ts", "{docs,infra/docker}/test/*.test.ts"],
    globalSetup: ["infra/test/global-setup.ts"],
    // Two cores: more forks than that only make Chromium and Postgres fight for them.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    retry: 0,
  },
});
