/** The settings that a world lives by: mostly the defaults, else anything that the contract allows. */
import { type DeployedConfig, type FunctionConfig, readConfig } from "../../lambda/config.ts";
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

const USUAL = { warningCredits: 1_000, criticalCredits: 300, warningHours: 24, criticalHours: 8 };

export function drawSettings(random: Random): Settings {
  const thresholds = random.pick([
    USUAL,
    USUAL,
    { ...USUAL, warningHours: 0, criticalHours: 0 },
    unusual(random),
  ]);
  const deployed: DeployedConfig = {
    kind: "check",
    account: random.pick(["kie", "video-team-2", "a"]),
    apiKeyParameter: "/kie-credit-alert/kie/api-key",
    memoryParameter: "/kie-credit-alert/kie/memory",
    topicArn: "arn:aws:sns:eu-central-1:123456789012:kie-credit-alert",
    ...thresholds,
    warningReminderHours: random.pick([24, 24, 24, 2]),
    criticalReminderHours: random.pick([6, 6, 6, 6, 1, 48]),
    usdPerCredit: 0.005,
    timeZone: random.pick(["UTC", "Europe/Berlin", "Asia/Kathmandu"]),
    sms: random.pick(["critical", "critical", "all"]),
    tellsAudience: random.pick([true, true, false]),
    emitsMetrics: true,
    consoleOnly: false,
    allClearDays: random.pick([7, 7, 1, 0]),
    jobs: { "Veo 3 fast": 65 },
  };
  const config = readConfig({ CONFIG: JSON.stringify(deployed) });
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
  return `Settings: ${JSON.stringify({ everyMinutes: intervalMs / 60_000, stress, awsCallMs, isFlapping, ...config })}`;
}

function unusual(random: Random): typeof USUAL {
  const warningCredits = random.pick([1, 50, 12_345.67, 1_000_000]);
  return {
    warningCredits,
    criticalCredits: random.pick([0, warningCredits / 2, Math.floor(warningCredits * 0.9)]),
    warningHours: random.pick([0, 1, 72]),
    criticalHours: random.pick([0, 0.5]),
  };
}
