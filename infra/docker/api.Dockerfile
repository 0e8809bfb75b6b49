# syntax=docker/dockerfile:1
# The API with the dashboard. Also runs the migrations: `node packages/db/dist/cli.js migrate`.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS workspace
ENV CI=true PUPPETEER_SKIP_DOWNLOAD=1
# The version that wrote the lockfile.
RUN npm install --global pnpm@10.34.9 && pnpm config set --global store-dir /pnpm/store
WORKDIR /app
COPY . .

FROM workspace AS build
RUN --mount=type=cache,id=pregonero-pnpm,target=/pnpm/store pnpm install --frozen-lockfile
# Generating needs no schema engine, but Prisma would download one all the same.
RUN PRISMA_SCHEMA_ENGINE_BINARY=/bin/true CHECKPOINT_DISABLE=1 pnpm exec prisma generate
RUN pnpm exec tsc -b packages/db apps/api
RUN pnpm --filter @pregonero/dashboard run build
# What the build made, in the places where it is looked for.
RUN mkdir /built && cp -r --parents packages/*/dist apps/api/dist apps/dashboard/dist prisma /built

FROM workspace AS production
RUN --mount=type=cache,id=pregonero-pnpm,target=/pnpm/store \
  pnpm install --frozen-lockfile --prod --filter-prod "@pregonero/api..." \
  && rm -rf packages/*/src apps/*/src

FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 BLOB_DIR=/data/blobs
WORKDIR /app
COPY --from=production /app/package.json ./
COPY --from=production /app/node_modules ./node_modules
COPY --from=production /app/packages ./packages
COPY --from=production /app/apps/api ./apps/api
COPY --from=build /built ./
RUN mkdir -p logs /data/blobs && chown node:node logs /data/blobs
VOLUME /data/blobs
USER node
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "apps/api/dist/main.js"]
