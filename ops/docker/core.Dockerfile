# syntax=docker/dockerfile:1.7
# Loader, serving API and page: docker build -f ops/docker/core.Dockerfile -t ecomind/core .
# Node 24 runs the TypeScript sources as they are; only the page is built.
ARG NODE_IMAGE=node:24-trixie-slim

FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY schemas/package.json schemas/
COPY ingest-edge/package.json ingest-edge/
COPY event-log/package.json event-log/
COPY stream-jobs/package.json stream-jobs/
COPY footprint/package.json footprint/
COPY clickhouse/package.json clickhouse/
COPY serving-api/package.json serving-api/
COPY ui/package.json ui/
COPY e2e/package.json e2e/
COPY docs/package.json docs/
COPY scripts/package.json scripts/

FROM manifests AS page
RUN npm ci --ignore-scripts
COPY schemas schemas
COPY ui ui
RUN npm run build --workspace @ecomind/ui

FROM manifests AS modules
# The binaries of the HTTP engine in the npm package are for Node 20 and older, on all systems: 110 MB that nothing loads.
RUN npm ci --omit=dev --ignore-scripts --workspace @ecomind/scripts && rm -r node_modules/uWebSockets.js/binaries
# Its installer fetches a prebuilt addon from its release page; it is no dependency, because most installs don't use Kafka.
RUN mkdir /kafka && npm install --prefix /kafka --no-audit --no-fund @confluentinc/kafka-javascript@1.10.1

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="Ecomind core"
WORKDIR /app
COPY --from=modules /app/node_modules node_modules
COPY --from=modules /kafka /kafka
COPY package.json ./
COPY schemas schemas
COPY ingest-edge ingest-edge
COPY event-log event-log
COPY stream-jobs stream-jobs
COPY footprint footprint
COPY clickhouse clickhouse
COPY serving-api serving-api
COPY scripts scripts
COPY --from=page /app/ui/dist ui/dist
RUN install -d -o node -g node -m 0700 /data
# A running ClickHouse statement in process holds a thread of libuv's pool (default 4), which files and LMDB share.
ENV NODE_ENV=production ECOMIND_DATA_DIR=/data KAFKA_CLIENT_DIR=/kafka UV_THREADPOOL_SIZE=12
USER node
VOLUME /data
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.API_PORT || 8000}/health`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "scripts/src/core/main.ts"]
