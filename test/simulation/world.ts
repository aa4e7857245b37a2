/** One world: an account, Kie, AWS, people, a schedule, and the real check among them. Everything from one seed. */
import { createKie, LIMITS, type Limits } from "../../lambda/adapters/kie.ts";
import { createParameters } from "../../lambda/adapters/parameters.ts";
import { createTopic } from "../../lambda/adapters/topic.ts";
import { checkCredits } from "../../lambda/check-credits.ts";
import type { FunctionConfig } from "../../lambda/config.ts";
import type { Ports } from "../../lambda/ports.ts";
import { type Account, openAccount } from "./account.ts";
import type { AwsWorld } from "./aws.ts";
import { createClock, type SimulatedClock } from "./clock.ts";
import { type Counts, createFaults, type Faults } from "./faults.ts";
import { type Check, createLambda, type Lambda } from "./functions.ts";
import { createSecrecy } from "./invariants/secrecy.ts";
import { createJudge, type Judge, type Violation } from "./judge.ts";
import { createKeys } from "./keys.ts";
import { createKieWorld, type SimulatedKie } from "./kie.ts";
import { createPeople, type People } from "./people.ts";
import { createRandom, type Random } from "./random.ts";
import type { Execution } from "./records.ts";
import { startSchedule } from "./schedule.ts";
import { describeSettings, drawSettings, type Settings } from "./settings.ts";
import { createSns } from "./sns.ts";
import { createSsm } from "./ssm.ts";
import { captureTelemetry } from "./telemetry.ts";
import { createTimeline, type Timeline } from "./timeline.ts";
import { createTrace } from "./trace.ts";

const START = Date.parse("2026-11-23T00:00:00Z");
const TRACED_STEPS = 150;
/** The real telemetry takes longer than all the rest of a check, so that most checks go without. */
const TELEMETRY_EVERY = 25;

/** How the check under test differs from the real one, for the simulator's own tests. */
export interface Variant {
  readonly check?: Check;
  readonly limits?: Partial<Limits>;
  readonly ports?: (ports: Ports, execution: Execution) => Partial<Ports>;
}

export interface Outcome {
  readonly checks: number;
  /** Checks that at least one fault hit. */
  readonly faulty: number;
  readonly violation: Violation | null;
  /** The settings drawn, then the last steps. */
  readonly trace: readonly string[];
}

/**
 * Lets a world live until so many checks have ended, or an invariant fails.
 *
 * @param counts - how often each fault and each alert came, added to
 */
export async function live(
  seed: number,
  checks: number,
  counts: { readonly faults: Counts; readonly alerts: Counts },
  variant: Variant = {},
): Promise<Outcome> {
  const random = createRandom(seed);
  const settings = drawSettings(random);
  const { config, intervalMs, stress } = settings;
  const faults = createFaults(random, stress, counts.faults);
  const timeline = createTimeline(START);
  const trace = createTrace(TRACED_STEPS);
  const note = (execution: number, what: string) => trace.add(timeline.now(), execution, what);
  const clock = createClock(timeline, random);
  const secrecy = createSecrecy(random);
  const events = (what: string, balance: number) => note(0, `${what}: ${balance}`);
  const account = openAccount(timeline, random, { ...settings, policy: config }, events);
  const common = { timeline, random, faults };
  const people = createPeople(common, intervalMs, (what) => note(0, what));
  const wait: Lambda["wait"] = (execution, ms) => lambda.wait(execution, ms);
  const judge = createJudge({ config, intervalMs, account, people, now: timeline.now }, secrecy);

  const { kie, ssm, sns } = openServices({
    settings,
    random,
    faults,
    timeline,
    account,
    people,
    judge,
    wait,
    note,
  });
  const tamperWithKey = createKeys(common, secrecy, kie, ssm);
  const portsFor = createPorts({ config, clock, random, judge, kie, wait }, variant, (execution) => ({
    ...createParameters(ssm.clientFor(execution), config, undefined, (ms) => wait(execution, ms)),
    ...createTopic(sns.clientFor(execution), config.topicArn),
  }));

  let [ended, faulty] = [0, 0];
  const lambda = createLambda({
    ...common,
    config,
    maxEventAgeMs: Math.max(300_000, intervalMs),
    check: variant.check ?? checkCredits,
    portsFor,
    started: ({ id, call }) => note(id, `starts, attempt ${call.attempt}, ${JSON.stringify(call.event)}`),
    ended(execution) {
      const { id, outcome, error, report } = execution;
      const found = report && `${report.level}, ${JSON.stringify(report.alert)}`;
      note(id, `${outcome}: ${error instanceof Error ? error.message : found}`);
      judge.ended(execution);
      ended++;
      for (const { kind } of execution.published) counts.alerts.set(kind, (counts.alerts.get(kind) ?? 0) + 1);
      if (execution.faults.size > 0) faulty++;
      // Only the last check is looked back at, and memory is finite.
      execution.memoryBy = null;
      execution.overlaps.clear();
    },
  });
  startSchedule({ ...common, account, clock, ssm, people, judge, note, lambda, tamperWithKey }, intervalMs);

  await timeline.run(() => ended >= checks || judge.violation !== null);
  return {
    checks: ended,
    faulty,
    violation: judge.violation,
    trace: [describeSettings(settings), ...trace.lines()],
  };
}

/** Kie, SSM and SNS. What they see is written down, and counted. */
function openServices(world: {
  readonly settings: Settings;
  readonly random: Random;
  readonly faults: Faults;
  readonly timeline: Timeline;
  readonly account: Account;
  readonly people: People;
  readonly judge: Judge;
  readonly wait: Lambda["wait"];
  note(execution: number, what: string): void;
}) {
  const { settings, random, faults, timeline, account, people, judge, wait, note } = world;
  const kie = createKieWorld(
    { random, faults, now: timeline.now },
    account,
    wait,
    (execution, meaning, how) => {
      execution.answers.push(meaning);
      execution.readAt = timeline.now();
      note(execution.id, `Kie: ${how}`);
    },
  );
  const aws: AwsWorld = {
    random,
    faults,
    callMs: settings.awsCallMs,
    publishMs: settings.publishMs,
    wait,
    now: timeline.now,
    secret: () => ssm.apiKey ?? "",
    trace: (execution, what) => note(execution.id, what),
  };
  const ssm = createSsm(aws, settings.config, judge.offered);
  const sns = createSns(aws, people, (execution, told, isOut, texts) => {
    note(execution.id, `${isOut ? "TOLD" : "LOST"} ${told.kind}, sms ${told.bySms}: ${texts[0]}`);
    judge.published(execution, told, isOut, texts);
    // The worst moment to die: people know, and the memory is not sure.
    if (faults.draw("crash", 0.06)) execution.crashAtStep = execution.steps + random.integer(1, 3);
  });
  return { kie, ssm, sns };
}

/** The ports of one check: the real adapters over simulated clients, and the world's clock. */
function createPorts(
  world: {
    readonly config: FunctionConfig;
    readonly clock: SimulatedClock;
    readonly random: Random;
    readonly judge: Judge;
    readonly kie: SimulatedKie;
    readonly wait: Lambda["wait"];
  },
  variant: Variant,
  adaptersFor: (execution: Execution) => ReturnType<typeof createParameters> & ReturnType<typeof createTopic>,
): (execution: Execution) => Ports {
  const { config, clock, random, judge, kie, wait } = world;
  let printing: Execution | null = null;
  const telemetry = captureTelemetry(config.account, (line) => {
    if (printing) judge.seen(printing, "a log line", line);
  });
  return (execution) => {
    const kieClient = createKie(
      config.kieBaseUrl,
      { ...LIMITS, ...variant.limits },
      { now: clock.now, sleep: (ms) => wait(execution, ms), random: random.next },
      kie.transportFor(execution),
    );
    const print = (call: () => void) => {
      printing = execution;
      if (execution.id % TELEMETRY_EVERY === 0) call();
    };
    const ports: Ports = {
      ...adaptersFor(execution),
      async readCredits(apiKey) {
        execution.apiKey = apiKey;
        const reading = await kieClient(apiKey);
        execution.readAt ||= clock.now();
        return reading;
      },
      warn(message) {
        execution.warnings++;
        judge.seen(execution, "a warning", message);
        print(() => telemetry.warn(message));
      },
      record: (report) => print(() => telemetry.record(report)),
      now: clock.now,
    };
    return { ...ports, ...variant.ports?.(ports, execution) };
  };
}
