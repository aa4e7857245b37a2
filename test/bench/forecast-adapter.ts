/** What the forecast tells, check by check, for a replay on recorded demand. */
import { findSurge, forecast, NO_USE, observe, type Use } from "../../lambda/policy/forecast.ts";

const HOUR_MS = 3_600_000;
const LEVELS = ["ok", "warning", "critical", "empty"] as const;
type Level = (typeof LEVELS)[number];

export interface State {
  readonly use: Use;
  readonly told: Level;
  readonly toldAt: number;
  readonly level: Level;
  /** The level that the runway does not let go of. */
  readonly byRunway: Level;
  readonly surgeAt: number;
  /** When changes were told in the last day. */
  readonly changes: readonly number[];
}

export const policy = {
  limits: [
    { level: "critical", credits: 300, hours: 8, reminderHours: 6 },
    { level: "warning", credits: 1000, hours: 24, reminderHours: 24 },
  ],
} as const;
type Policy = typeof policy;

export const fresh: State = {
  use: NO_USE,
  told: "ok",
  toldAt: 0,
  level: "ok",
  byRunway: "ok",
  surgeAt: Number.NEGATIVE_INFINITY,
  changes: [],
};

const rank = (level: Level) => LEVELS.indexOf(level);

export function check(state: State, at: number, credits: number, policy: Policy) {
  const use = observe(state.use, { at, credits });
  const hoursLeft = forecast(use)?.hoursLeft ?? null;
  const rises = state.use.last !== null && credits > state.use.last.credits;
  let byRunway: Level = "ok";
  if (hoursLeft !== null)
    byRunway = policy.limits.find(({ hours }) => hoursLeft <= hours * 1.5)?.level ?? "ok";
  else if (!rises) byRunway = state.byRunway;

  let level: Level = credits <= 0 ? "empty" : "ok";
  if (level === "ok")
    for (const limit of policy.limits) {
      const reached = credits <= limit.credits || (hoursLeft !== null && hoursLeft <= limit.hours);
      const stays =
        rank(state.level) >= rank(limit.level) &&
        (credits <= limit.credits * 1.1 || rank(byRunway) >= rank(limit.level));
      if (reached || stays) {
        level = limit.level;
        break;
      }
    }

  const changes = state.changes.filter((told) => told > at - 24 * HOUR_MS);
  const surging = findSurge(use) !== null && at - state.surgeAt >= 24 * HOUR_MS;
  const reminderHours = level === "warning" ? 24 : 6;
  let kind: "raised" | "surge" | "reminder" | "eased" | "recovered" | null = null;
  if (rank(level) > rank(state.told) && level !== "warning") kind = "raised";
  else if (surging) kind = "surge";
  else if (rank(level) > rank(state.told)) kind = "raised";
  else if (level === state.told && level !== "ok" && at - state.toldAt >= reminderHours * HOUR_MS - 300_000)
    kind = "reminder";
  else if (rank(level) < rank(state.told) && changes.length < 5)
    kind = level === "ok" ? "recovered" : "eased";

  const isChange = kind !== null && kind !== "surge" && kind !== "reminder";
  const saysLevel = kind !== null && kind !== "surge";
  const after: State = {
    use,
    level,
    byRunway,
    told: saysLevel ? level : state.told,
    toldAt: saysLevel ? at : state.toldAt,
    surgeAt: surging && (kind === "surge" || kind === "raised") ? at : state.surgeAt,
    changes: isChange ? [...changes, at] : changes,
  };
  return { state: after, level, kind, hoursLeft };
}
