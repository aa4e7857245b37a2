/** Reports and outcomes for the tests. */
import type { Config } from "../../../lambda/config.ts";
import type { Report } from "../../../lambda/report.ts";
import { LOCAL_CONFIG } from "../../../local/config.ts";
import type { Outcome } from "../../../local/deployed/functions.ts";
import { REPORT } from "../../support/report.ts";

export const RUNWAY: NonNullable<Report["runway"]> = {
  creditsPerHour: 33.1,
  hoursLeft: 6.4,
  emptyAt: "2026-11-23T11:24:00.000Z",
  basis: "last-24-hours",
  isFirstEstimate: false,
};

export const UNAUTHORIZED: Partial<Report> = {
  credits: null,
  usd: null,
  failure: {
    reason: "unauthorized",
    detail: "code 401",
    permanent: true,
    since: "2026-11-23T05:00:00.000Z",
  },
};

export const NOBODY = { emails: 0, phones: 0, others: 0, pending: 2 };
export const ONE_EMAIL = { emails: 1, phones: 0, others: 0, pending: 0 };

export const TEST_ALERT: NonNullable<Report["alert"]> = {
  kind: "test",
  severity: "info",
  subject: "TEST",
  messageId: "1",
  held: null,
};

const DEPLOYED = { apiKeyParameter: "/kie-credit-alert/kie/api-key" };

/** What a deployed function reported. */
export function outcomeOf(part: Partial<Report> = {}, config: Partial<Config> = {}): Outcome {
  const complete = { ...LOCAL_CONFIG, ...DEPLOYED, ...config };
  return { config: complete, report: { ...REPORT, account: complete.account, ...part }, error: null };
}

/** Of a check that met another one. */
export function overlappedCheck(account: string): Outcome {
  return {
    config: { ...LOCAL_CONFIG, ...DEPLOYED, account },
    report: null,
    error: { type: "OverlapError", message: "another check told something at the same time" },
  };
}

export function failedCheck(account: string): Outcome {
  return {
    config: { ...LOCAL_CONFIG, ...DEPLOYED, account },
    report: null,
    error: { type: "AwsCallError", message: "sns:Publish failed\n  since it is denied | here" },
  };
}
