# One image for every role: LIFEGUARD_ROLE chooses.
FROM node:26-slim AS build
WORKDIR /build
COPY . .
RUN npm ci --ignore-scripts --omit=optional --no-audit --no-fund && npm pack --pack-destination /tmp

FROM node:26-slim
# The image has a Node.js of its own: the one that lifeguard would bring is left out.
COPY --from=build /tmp/lifeguard-*.tgz /tmp/
RUN npm install --global --ignore-scripts --omit=optional --no-audit --no-fund /tmp/lifeguard-*.tgz \
 && rm /tmp/lifeguard-*.tgz && npm cache clean --force \
 && mkdir -p /etc/lifeguard /var/lib/lifeguard && chown node:node /var/lib/lifeguard
USER node
# Mount monitors.yaml, and what it names, at /etc/lifeguard; keep /var/lib/lifeguard over restarts.
ENV LIFEGUARD_CONFIG=/etc/lifeguard/monitors.yaml LIFEGUARD_DATA=/var/lib/lifeguard
VOLUME /var/lib/lifeguard
WORKDIR /etc/lifeguard
ENTRYPOINT ["lifeguard"]
CMD ["run"]
