import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

// Two builds share this file: the app (default) and, with `--mode worker`, the layout worker. Both are
// classic scripts (IIFE) because an exported page inlines app.js and opens from file://, where module
// scripts do not load. index.html and the icon lie in public/ and are copied as they are.
export default defineConfig(({ mode }) => {
  const worker = mode === "worker";
  return {
    root: path("."),
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
    build: {
      outDir: path("../server/static"),
      emptyOutDir: !worker,
      copyPublicDir: !worker,
      cssCodeSplit: false,
      modulePreload: false,
      target: "es2022",
      rollupOptions: {
        input: path(worker ? "src/layout/worker.ts" : "src/main.tsx"),
        output: {
          format: "iife" as const,
          entryFileNames: worker ? "layout.js" : "app.js",
          assetFileNames: "app[extname]",
        },
      },
    },
    test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"], environment: "node" },
  };
});
