/** The settings that a world lives by: mostly the defaults, else anything that the contract allows. */
import { type FunctionConfig, readConfig } from "../../lambda/config.ts";
import type { Random } from "./random.ts";

export interface Settings {
  readonly config: FunctionConfig;
  readonly intervalMs: number;
  /** Multiplies the probabilities of all faults. */
  readonly stress: number;
  /** How long AWS takes for a call, in milliseconds: at worst so long that every check meets the next. */
  readonly awsCallMs: readonly [number, number];
  /** The same for a publish: at times seconds. */
  readonly publishMs: readonly [number, number];
  /** The balance jumps up and down, rather than to live. */
  readonly isFlapping: boolean;
}

const USUAL = { warning: 1_000, critical: 300, warningHours: 24, criticalHours: 8 };

export function drawSettings(random: Random): Settings {
  const policy = random.pick([
    USUAL,
    USUAL,
    { ...USUAL, warningHours: 0, criticalHours: 0 },
    unusual(random),
  ]);
  const config = readConfig({
    ACCOUNT: random.pick(["kie", "video-team-2", "a"]),
    API_KEY_PARAMETER: "/kie-credit-alert/kie/api-key",
    MEMORY_PARAMETER: "/kie-credit-alert/kie/memory",
    TOPIC_ARN: "arn:aws:sns:eu-central-1:123456789012:kie-credit-alert",
    WARNING_CREDITS: String(policy.warning),
    CRITICAL_CREDITS: String(policy.critical),
    WARNING_HOURS: String(policy.warningHours),
    CRITICAL_HOURS: String(policy.criticalHours),
    WARNING_REMINDER_HOURS: random.pick(["24", "24", "24", "2"]),
    CRITICAL_REMINDER_HOURS: random.pick(["6", "6", "6", "6", "1", "48"]),
    USD_PER_CREDIT: "0.005",
    TIME_ZONE: random.pick(["UTC", "Europe/Berlin", "Asia/Kathmandu"]),
    SMS: random.pick(["critical", "critical", "all"]),
    TELLS_AUDIENCE: random.pick(["yes", "yes", "no"]),
    ALL_CLEAR_DAYS: random.pick(["7", "7", "1", "0"]),
  });
  const everyMinutes = random.pick([15, 15, 15, 5, 1, 60, 1_440]);
  const isSlow = everyMinutes === 1 && random.chance(0.6);
  const awsCallMs = isSlow ? ([8_000, 14_000] as const) : ([5, 60] as const);
  return {
    config,
    intervalMs: everyMinutes * 60_000,
    stress: random.pick([0, 0.5, 1, 1, 2]),
    awsCallMs,
    publishMs: random.pick([awsCallMs, awsCallMs, [1_000, 6_000]]),
    isFlapping: random.chance(0.15),
  };
}

/** For people who look at a failing seed. */
export function describeSettings(settings: Settings): string {
  const { config, intervalMs, stress, awsCallMs, isFlapping } = settings;
  const { policy, sms, tellsAudience } = config;
  const drawn = { everyMinutes: intervalMs / 60_000, stress, awsCallMs, isFlapping, sms, tellsAudience };
  return `Settings: ${JSON.stringify({ ...drawn, ...policy })}`;
}

function unusual(random: Random): typeof USUAL {
  const warning = random.pick([1, 50, 12_345.67, 1_000_000]);
  return {
    warning,
    critical: random.pick([0, warning / 2, Math.floor(warning * 0.9)]),
    warningHours: random.pick([0, 1, 72]),
    criticalHours: random.pick([0, 0.5]),
  };
}
