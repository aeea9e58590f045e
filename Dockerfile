# A relay with its page. The state lives in /state; give it a volume.
#
#   docker build -t folkmoot .
#   docker run -p 4600:4600 -v folkmoot:/state folkmoot --public https://moot.example

FROM node:24-slim AS build
WORKDIR /app
COPY . .
RUN npm run build
# What only building and testing needs goes, and with it the bundled Node: the image has its own.
RUN find . -name node_modules -prune -exec rm -rf {} + \
 && npx -y pnpm@12.21.0 install --frozen-lockfile --prod --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production FOLKMOOT_STATE=/state FOLKMOOT_HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app /app
RUN install -d -m 700 -o node -g node /state
USER node
VOLUME /state
# Page and WebSocket; libp2p over TCP. The admin listener stays on the container's loopback.
EXPOSE 4600 4601
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4690/readyz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "apps/cli/src/main.ts", "relay"]
