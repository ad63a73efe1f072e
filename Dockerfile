# syntax=docker/dockerfile:1

# Everything is made here by the same script that makes a checkout ready: packages, the media worker, the pages.
FROM node:24-bookworm-slim AS build
WORKDIR /app
# An address, any: the image has no database of its own, it is given one when it runs.
ENV MONGODB_URI=mongodb://127.0.0.1/none \
    XDG_CACHE_HOME=/cache
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates ffmpeg poppler-utils poppler-data
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN node scripts/setup.mjs --for=run \
    && cp /cache/tongke/worker-*/mediasoup-worker /usr/local/bin/mediasoup-worker \
    && npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:24-bookworm-slim
# The libraries are those of a worker compiled here; mediasoup's prebuilt one needs none of them.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ffmpeg poppler-utils poppler-data fonts-noto-cjk \
       libuv1 libssl3 libabsl20220623 libflatbuffers2 \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o node -g node -m 0700 /data
WORKDIR /app
COPY --from=build /usr/local/bin/mediasoup-worker /usr/local/bin/mediasoup-worker
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY protocol protocol
COPY media media
COPY recordings recordings
COPY server server
ENV NODE_ENV=production \
    DATA_DIR=/data \
    FFMPEG_BIN=/usr/bin/ffmpeg \
    FFPROBE_BIN=/usr/bin/ffprobe \
    PDFTOCAIRO_BIN=/usr/bin/pdftocairo \
    MEDIASOUP_WORKER_BIN=/usr/local/bin/mediasoup-worker
USER node
VOLUME /data
EXPOSE 3000 3443 44444/tcp 44444/udp
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# The server itself answers SIGTERM: it tells every classroom, writes what waits and ends.
CMD ["node", "server/main.ts"]
