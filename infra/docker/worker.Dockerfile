# syntax=docker/dockerfile:1
# A worker, with the Chromium in which WhatsApp sessions live.
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
RUN pnpm exec tsc -b packages/db apps/worker
# What the build made, in the places where it is looked for.
RUN mkdir /built && cp -r --parents packages/*/dist apps/worker/dist prisma /built

FROM workspace AS production
RUN --mount=type=cache,id=pregonero-pnpm,target=/pnpm/store \
  pnpm install --frozen-lockfile --prod --filter-prod "@pregonero/worker..." \
  && rm -rf packages/*/src apps/*/src

FROM ${NODE_IMAGE} AS runtime
# tini ends what Chromium leaves behind, also where the container is started without an init.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends chromium fonts-liberation fonts-noto-color-emoji tini \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production \
  PUPPETEER_EXECUTABLE_PATH=/usr/bin/chromium \
  SESSIONS_DIR=/data/sessions \
  BLOB_DIR=/data/blobs \
  HEALTH_HOST=0.0.0.0 \
  HEALTH_PORT=9090
WORKDIR /app
COPY --from=production /app/package.json ./
COPY --from=production /app/node_modules ./node_modules
COPY --from=production /app/packages ./packages
COPY --from=production /app/apps/worker ./apps/worker
COPY --from=build /built ./
RUN mkdir -p logs /data/sessions /data/blobs && chown node:node logs /data/sessions /data/blobs
VOLUME /data/sessions
VOLUME /data/blobs
# Not root: Chromium's sandbox stays on.
USER node
EXPOSE 9090
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HEALTH_PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "-s", "--"]
CMD ["node", "--enable-source-maps", "apps/worker/dist/main.js"]
