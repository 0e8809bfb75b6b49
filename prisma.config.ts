import { defineConfig } from "prisma/config";

export default defineConfig({
  schema: "prisma/schema",
  migrations: { path: "prisma/migrations" },
  // Only `prisma studio` and `prisma migrate` of a full Prisma installation read it; the product connects by itself.
  datasource: { url: process.env["DATABASE_URL"] ?? "postgresql://localhost:5432/pregonero" },
});
