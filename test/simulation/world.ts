/** One world: an account, Kie, AWS, a schedule, and the real check among them. Everything from one seed. */
import type { SNSClient } from "@aws-sdk/client-sns";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { createKie, LIMITS, type Limits, type Transport } from "../../lambda/adapters/kie.ts";
import { createParameters } from "../../lambda/adapters/parameters.ts";
import { createTopic } from "../../lambda/adapters/topic.ts";
import { checkCredits, type Ports } from "../../lambda/check-credits.ts";
import { INITIAL_DOCUMENT } from "../../lambda/policy/memory.ts";
import { openAccount } from "./account.ts";
import type { AwsWorld } from "./aws.ts";
import { createClock } from "./clock.ts";
import { createFaults } from "./faults.ts";
import { type Check, createLambda, type Lambda } from "./functions.ts";
import { createSecrecy } from "./invariants/secrecy.ts";
import { createJudge, KNOWS_NOTHING, type Violation } from "./judge.ts";
import { createKeys } from "./keys.ts";
import { createKieWorld } from "./kie.ts";
import { createRandom } from "./random.ts";
import type { Execution } from "./records.ts";
import { startSchedule } from "./schedule.ts";
import { drawSettings } from "./settings.ts";
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
  readonly limits?: Limits;
  readonly ports?: (ports: Ports, execution: Execution) => Ports;
}

/** Carries what the simulated services say over real sockets, while simulated time stands still. */
export interface Wire {
  transport(simulated: Transport, timeline: Timeline): Transport;
  ssm(simulated: SSMClient, timeline: Timeline): SSMClient;
  sns(simulated: SNSClient, timeline: Timeline): SNSClient;
}

export interface Counts {
  readonly faults: Map<string, number>;
  readonly alerts: Map<string, number>;
}

export interface Outcome {
  readonly checks: number;
  /** Checks that at least one fault hit. */
  readonly faulty: number;
  readonly violation: Violation | null;
  readonly trace: readonly string[];
}

const NO_WIRE: Wire = { transport: (it) => it, ssm: (it) => it, sns: (it) => it };

/** Lets a world live until so many checks have ended, or an invariant fails. */
export async function live(
  seed: number,
  checks: number,
  counts: Counts,
  variant: Variant = {},
  wire: Wire = NO_WIRE,
): Promise<Outcome> {
  const random = createRandom(seed);
  const { config, intervalMs, stress } = drawSettings(random);
  const faults = createFaults(random, stress, counts.faults);
  const timeline = createTimeline(START);
  const trace = createTrace(TRACED_STEPS);
  const note = (execution: number, what: string) => trace.add(timeline.now(), execution, what);
  const clock = createClock(timeline, random);
  const secrecy = createSecrecy(random);
  const account = openAccount(timeline, random, config.policy, intervalMs, (what, balance) =>
    note(0, `${what}: ${balance}`),
  );
  const judge = createJudge(config, account, secrecy, timeline.now);
  const wait: Lambda["wait"] = (execution, ms) => lambda.wait(execution, ms);

  const kie = createKieWorld(
    { random, faults, now: timeline.now },
    account,
    wait,
    (execution, meaning, how) => {
      execution.looks.at(-1)?.attempts.push(meaning);
      note(execution.id, `Kie: ${how}`);
    },
  );
  const aws: AwsWorld = {
    random,
    faults,
    wait,
    now: timeline.now,
    secret: () => ssm.apiKey ?? "",
    trace: (execution, what) => note(execution.id, what),
  };
  const ssm = createSsm(
    aws,
    config,
    { memory: INITIAL_DOCUMENT, knowledge: () => KNOWS_NOTHING },
    judge.offered,
    (execution, document) => {
      note(execution.id, `remembered ${document.slice(0, 160)}`);
      return judge.saved(execution, document);
    },
  );
  const sns = createSns(
    aws,
    (execution) => execution.published.push([]),
    (execution, document, texts) => {
      counts.alerts.set(document.kind, (counts.alerts.get(document.kind) ?? 0) + 1);
      note(execution.id, `TOLD ${document.kind}: ${texts[0]}`);
      judge.told(execution, document, texts);
      // The worst moment to die: people know, and the memory doesn't.
      if (faults.draw(0.04)) execution.crashAtStep = execution.steps + random.integer(1, 3);
    },
  );
  const tamperWithKey = createKeys({ timeline, random, faults }, secrecy, kie, ssm);

  let ended = 0;
  let faulty = 0;
  let printing: Execution | null = null;
  const telemetry = captureTelemetry(config.account, (line) => {
    if (printing) judge.seen(printing, "a log line", line);
  });

  const beginLook = ({ looks }: Execution) =>
    looks.push({ startedAt: clock.now(), endedAt: 0, attempts: [] });
  const endLook = ({ looks }: Execution) => {
    const look = looks.at(-1);
    if (look) look.endedAt = clock.now();
  };
  const portsFor = (execution: Execution): Ports => {
    const kieClient = createKie(
      config.kieBaseUrl,
      variant.limits ?? LIMITS,
      {
        now: clock.now,
        sleep(ms) {
          if (ms === LIMITS.secondLookAfterMs) endLook(execution);
          return wait(execution, ms).then(() => {
            if (ms === LIMITS.secondLookAfterMs) beginLook(execution);
          });
        },
        random: random.next,
      },
      wire.transport(kie.transportFor(execution), timeline),
    );
    const isPrinted = execution.id % TELEMETRY_EVERY === 0;
    const print = (call: () => void) => {
      printing = execution;
      if (isPrinted) call();
    };
    const ports: Ports = {
      ...createParameters(wire.ssm(ssm.clientFor(execution), timeline), config),
      ...createTopic(wire.sns(sns.clientFor(execution), timeline), config.topicArn),
      async readCredits(apiKey) {
        execution.apiKey = apiKey;
        if (!kie.keys.has(apiKey?.trim() ?? "")) faults.hit(execution, "key: missing, spoiled or revoked");
        beginLook(execution);
        const reading = await kieClient(apiKey);
        endLook(execution);
        return reading;
      },
      warn(message) {
        execution.warnings++;
        judge.seen(execution, "a warning", message);
        print(() => telemetry.warn(message));
      },
      checked: (report, isRehearsal) => print(() => telemetry.checked(report, isRehearsal)),
      now: clock.now,
      sleep: (ms) => wait(execution, ms),
    };
    return variant.ports?.(ports, execution) ?? ports;
  };

  const lambda = createLambda({
    random,
    timeline,
    faults,
    config,
    maxEventAgeMs: Math.max(60_000, intervalMs),
    check: variant.check ?? checkCredits,
    portsFor,
    started: ({ id, call }) => note(id, `starts, attempt ${call.attempt}, ${JSON.stringify(call.event)}`),
    ended(execution) {
      const { id, outcome, error } = execution;
      note(id, error instanceof Error ? `threw ${error.message}` : `${outcome}`);
      judge.ended(execution);
      ended++;
      if (execution.faults.size > 0) faulty++;
    },
  });
  startSchedule({ timeline, random, faults, clock, ssm, judge, note, lambda, tamperWithKey }, intervalMs);

  await timeline.run(() => ended >= checks || judge.violation !== null);
  return { checks: ended, faulty, violation: judge.violation, trace: trace.lines() };
}
