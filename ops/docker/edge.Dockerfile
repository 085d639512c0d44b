# syntax=docker/dockerfile:1.7
# The ingest edge: docker build -f ops/docker/edge.Dockerfile -t ecomind/edge .
# Node 24 runs the TypeScript sources as they are, so there is no build step and no build tool in the image.
ARG NODE_IMAGE=node:24-trixie-slim

# The HTTP engine from its own repository: official builds for Node 22, 24 and 26; they want glibc 2.38 (Debian 13).
FROM ${NODE_IMAGE} AS engine
ADD https://github.com/uNetworking/uWebSockets.js.git#v20.67.0 /uws
RUN mkdir /engine && cp "/uws/uws_linux_$(node -p process.arch)_$(node -p process.versions.modules).node" /engine/

FROM ${NODE_IMAGE} AS modules
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
# The binaries of the HTTP engine in the npm package are for Node 20 and older, on all systems: 110 MB that nothing loads.
RUN npm ci --omit=dev --ignore-scripts --workspace @ecomind/ingest-edge && rm -r node_modules/uWebSockets.js/binaries
# Its installer fetches a prebuilt addon from its release page; it is no dependency, because most installs don't use Kafka.
RUN mkdir /kafka && npm install --prefix /kafka --no-audit --no-fund @confluentinc/kafka-javascript@1.10.1

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="Ecomind ingest edge"
WORKDIR /app
COPY --from=modules /app/node_modules node_modules
COPY --from=modules /kafka /kafka
COPY --from=engine /engine /engine
COPY package.json ./
COPY schemas schemas
COPY event-log event-log
COPY ingest-edge ingest-edge
RUN install -d -o node -g node -m 0700 /data
ENV NODE_ENV=production ECOMIND_DATA_DIR=/data EDGE_UWS_DIR=/engine KAFKA_CLIENT_DIR=/kafka
USER node
VOLUME /data
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.EDGE_PORT || 8080}/health`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "ingest-edge/src/main.ts"]
