/**
 * Builds the dashboard into dist/, which the daemon serves: hashed names, nothing inlined (the content security policy allows no
 * script in a page), nothing from elsewhere. `npx vite` serves it for work on it, beside the daemon at CHAINWRIGHT_SOCKET.
 */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

declare const process: { env: Record<string, string | undefined> };

const socketPath = process.env["CHAINWRIGHT_SOCKET"];
const daemon = socketPath ? { target: { socketPath, host: "daemon", port: 80 } as never, ws: true } : undefined;
const proxy = daemon ? { "/api": daemon, "/hooks": daemon } : {};

export default defineConfig({
  plugins: [react()],
  server: { proxy },
  preview: { proxy },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
