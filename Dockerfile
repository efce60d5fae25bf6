# Debian 13: its C library is new enough for the embedded engine, should MONGODB_URI be left empty.
FROM node:20-trixie-slim
ENV NODE_ENV=production
# For a paired phone (WHATSAPP_TRANSPORT=web).
RUN apt-get update \
  && apt-get install --yes --no-install-recommends chromium \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc .puppeteerrc.cjs ./
RUN npm ci --omit=dev && npm cache clean --force
COPY . .
RUN mkdir -p /data && chown node:node /data
USER node
# Containers withhold what Chromium builds its own sandbox from; the container and its user are the fence instead.
ENV DATA_DIR=/data CHROMIUM_PATH=/usr/bin/chromium CHROMIUM_ARGS=--no-sandbox
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=3s CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 3000) + '/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1, so that SIGTERM reaches it and it drains.
CMD ["node", "--import", "tsx", "bot/main.ts"]
