# syntax=docker/dockerfile:1
# The stand-in for WhatsApp, to try the product out without a phone.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS workspace
ENV CI=true PUPPETEER_SKIP_DOWNLOAD=1
# The version that wrote the lockfile.
RUN npm install --global pnpm@10.34.9 && pnpm config set --global store-dir /pnpm/store
WORKDIR /app
COPY . .

FROM workspace AS build
RUN --mount=type=cache,id=pregonero-pnpm,target=/pnpm/store pnpm install --frozen-lockfile
RUN pnpm exec tsc -b apps/sandbox
# What the build made, in the places where it is looked for; the page's scripts are not compiled.
RUN mkdir /built && cp -r --parents packages/*/dist apps/sandbox/dist apps/sandbox/page /built

FROM workspace AS production
RUN --mount=type=cache,id=pregonero-pnpm,target=/pnpm/store \
  pnpm install --frozen-lockfile --prod --filter-prod "@pregonero/sandbox..." \
  && rm -rf packages/*/src apps/*/src

FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production SANDBOX_HOST=0.0.0.0 SANDBOX_PORT=9000 SANDBOX_DATA_FILE=/data/sandbox.jsonl
WORKDIR /app
COPY --from=production /app/package.json ./
COPY --from=production /app/node_modules ./node_modules
COPY --from=production /app/packages ./packages
COPY --from=production /app/apps/sandbox ./apps/sandbox
COPY --from=build /built ./
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 9000
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.SANDBOX_PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "apps/sandbox/dist/main.js"]
