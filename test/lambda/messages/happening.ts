/** Alerts for the tests, in circumstances of which most are well. */
import type { Config } from "../../../lambda/config.ts";
import type { AlertContext } from "../../../lambda/messages/context.ts";
import type { Alert, AlertKind } from "../../../lambda/policy/alert.ts";
import { NO_USE, observe, type Runway, type Surge } from "../../../lambda/policy/forecast.ts";
import type { Cause, Level } from "../../../lambda/policy/levels.ts";
import { FRESH_MEMORY, type Told } from "../../../lambda/policy/memory.ts";
import type { Decision } from "../../../lambda/policy/policy.ts";
import type { Reading } from "../../../lambda/policy/reading.ts";
import { DEFAULT_POLICY } from "../../../lambda/policy/rules.ts";
import { reportOf, type Subscribers } from "../../../lambda/report.ts";

export const HOUR = 3_600_000;
export const NOW = Date.parse("2026-11-23T05:00:00Z");

export const CONFIG: Config = {
  account: "kie",
  apiKeyParameter: "/kie-credit-alert/kie/api-key",
  ...DEFAULT_POLICY,
  usdPerCredit: 0.005,
  timeZone: "Europe/Berlin",
  sms: "critical",
  tellsAudience: true,
  consoleOnly: false,
  jobs: {},
};

const AUDIENCE: Subscribers = { emails: 2, phones: 1, others: 0, pending: 0 };

/** What happened; whatever is left out is well. */
export interface Happening {
  readonly kind: AlertKind;
  readonly reading: number | Reading;
  readonly level?: Level | null;
  readonly alert?: Partial<Alert>;
  readonly cause?: Cause | null;
  readonly runway?: Runway | null;
  readonly surge?: Surge | null;
  /** What people know after the alert. */
  readonly told?: Partial<Told>;
  readonly failedChecks?: number;
  readonly failingSince?: number;
  readonly lastReading?: { readonly at: number; readonly credits: number } | null;
  readonly audience?: Subscribers | null;
  readonly config?: Partial<Config>;
  readonly chart?: readonly (number | null)[];
}

export function contextOf(happening: Happening): AlertContext {
  const { kind, level = "ok", failedChecks = 0, audience = AUDIENCE } = happening;
  const config = { ...CONFIG, ...happening.config };
  const reading: Reading =
    typeof happening.reading === "number"
      ? { kind: "credits", credits: happening.reading }
      : happening.reading;
  const last =
    reading.kind === "credits" ? { at: NOW, credits: reading.credits } : (happening.lastReading ?? null);
  const alert: Alert = {
    kind,
    severity: "info",
    bySms: false,
    level,
    previousLevel: level,
    noReadingSince: null,
    previousAudience: null,
    surge: happening.surge ?? null,
    isAfterSurge: false,
    ...happening.alert,
  };
  const told: Told = { ...FRESH_MEMORY.told, level, at: NOW, ...happening.told };
  const seen = {
    ...FRESH_MEMORY.seen,
    level,
    failing: failedChecks > 0 ? { since: happening.failingSince ?? NOW - HOUR, checks: failedChecks } : null,
    use: last ? observe(NO_USE, last) : NO_USE,
  };
  const memory = { seen, told, sending: null };
  const decision: Decision = {
    level,
    cause: happening.cause ?? null,
    runway: happening.runway ?? null,
    previousLevel: alert.previousLevel,
    alert,
    hold: null,
    held: [],
    memory,
    memoryIfTold: memory,
  };
  const found = { reading, decision, alert, audience, need: null, now: NOW };
  const report = { ...reportOf(config, found), ...(happening.chart && { chart: [...happening.chart] }) };
  return { config, alert, report, decision, now: NOW };
}

/** How long the credits last, from now on. */
export const hours = (creditsPerHour: number, hoursLeft: number, changes: Partial<Runway> = {}): Runway => ({
  creditsPerHour,
  hoursLeft,
  emptyAt: Number.isFinite(hoursLeft) ? NOW + hoursLeft * HOUR : null,
  basis: "last-24-hours",
  isFirstEstimate: false,
  ...changes,
});
