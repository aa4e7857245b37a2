/** What a check returns, for tests. */
import type { Report } from "../../lambda/report.ts";

/** All is well, and nothing else is known. */
export const REPORT: Report = {
  version: 2,
  account: "kie",
  checkedAt: "2026-11-23T05:00:00.000Z",
  credits: 5000,
  usd: 25,
  level: "ok",
  previousLevel: null,
  cause: null,
  runway: null,
  failure: null,
  alert: null,
  audience: null,
  snoozedUntil: null,
  need: null,
  jobs: [],
  chart: [],
};
