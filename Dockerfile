# The service as an image: one stage builds it, another installs its packages; run time needs no compiler and no npm.
# test/docs/image.test.ts lints this file; CI neither builds nor runs a container from it.
#
# A registry can move a tag. Before you rely on an image, pin both base images by digest. Look them up with
#   docker buildx imagetools inspect node:22.23.3-trixie --format '{{.Manifest.Digest}}'
# (and the same for -trixie-slim), and append @sha256:… to each FROM line. This file has no digest because the machine that
# tests it reaches no registry, and an unchecked digest is worse than none.

FROM node:22.23.3-trixie AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY src ./src
COPY scripts ./scripts
RUN npm run build

# Only better-sqlite3 and pkcs11js run an install script: they compile from their sources, which npm checks against
# package-lock.json. Nothing checks the binary that better-sqlite3 would fetch from GitHub. This stage has the compiler, Python and the headers of Node (nodedir); the
# last one does not.
FROM node:22.23.3-trixie AS packages
WORKDIR /packages
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts
RUN npm_config_build_from_source=true npm_config_nodedir=/usr/local npm rebuild better-sqlite3 pkcs11js

FROM node:22.23.3-trixie-slim
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="callvault" \
      org.opencontainers.image.description="The encrypted vault for call recordings" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"

# callvault writes data only here: the root file system may be read-only.
RUN install -d -o 65532 -g 65532 -m 0700 /var/lib/callvault
WORKDIR /opt/callvault
COPY --from=packages /packages/package.json ./
COPY --from=packages /packages/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY scripts/callvault.js ./scripts/callvault.js
COPY LICENSE ./

# The two MALLOC_ variables keep part buffers on the heap instead of mapping and unmapping each.
ENV NODE_ENV=production \
    MALLOC_MMAP_THRESHOLD_=67108864 \
    MALLOC_TRIM_THRESHOLD_=268435456 \
    CALLVAULT_LISTEN=0.0.0.0:8787

USER 65532:65532
VOLUME /var/lib/callvault
EXPOSE 8787
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.CALLVAULT_LISTEN.split(':').pop() + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]

# A core dump would contain every key in memory. `exec` makes Node the process that receives signals.
ENTRYPOINT ["/bin/sh", "-c", "ulimit -c 0 && exec node /opt/callvault/scripts/callvault.js \"$@\"", "callvault"]
CMD ["serve"]
