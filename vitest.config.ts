import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // By default one core is left free: of two, that is half.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**"],
          // Long, for machines that do other things too.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
    coverage: {
      provider: "v8",
      include: ["lambda/**"],
      thresholds: { branches: 95, functions: 95, lines: 95, statements: 95 },
    },
  },
});
