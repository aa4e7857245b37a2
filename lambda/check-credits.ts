/** The use case. It declares what it needs of the world, and adapters are handed in. */
import type { Config } from "./config.ts";
import { type Audience, confirmedIn, type Invocation, type Report } from "./invocation.ts";
import { type Message, writeMessage } from "./messages/message.ts";
import { parseMemory, serializeMemory } from "./policy/memory.ts";
import { beforeGoodNews, type Decision, decide, testAlert } from "./policy/policy.ts";
import type { Reading } from "./policy/reading.ts";

/** What a check needs of the world. Whatever throws here ends the check, to be tried again. */
export interface Ports {
  /** The key and the remembered document, undefined where there is none. */
  readParameters(): Promise<{ readonly apiKey: string | undefined; readonly memory: string | undefined }>;
  /** Reads the balance of the account that a key belongs to. Never throws: what goes wrong is a failure. */
  readCredits(apiKey: string | undefined): Promise<Reading>;
  /** Null where there is no topic. */
  countSubscribers(): Promise<Audience | null>;
  /** @returns the message's id */
  publish(message: Message): Promise<string>;
  saveMemory(document: string): Promise<unknown>;
  warn(message: string): void;
  /**
   * Takes the report to the log, and to the metrics unless it is a rehearsal (a dry run or a test): where only
   * those run, nobody would be told, so they are no heartbeat.
   */
  checked(report: Report, isRehearsal: boolean): void;
  /** Epoch milliseconds. */
  now(): number;
  sleep(ms: number): Promise<unknown>;
}

/**
 * Checks one account's credits:
 *
 * 1. read the key and the memory
 * 2. ask Kie for the credits, and meanwhile SNS for the audience
 * 3. decide what the reading means, and word the alert if there is one
 * 4. before good news, remember that what it ends may be on again
 * 5. publish the alert
 * 6. only then remember it, so that what fails is repeated
 * 7. report
 *
 * A dry run leaves out 4 to 6, a test 4 and 6, since its message stands in for what may be due.
 *
 * @throws what a port throws. Kie failing is no exception but part of the report.
 */
export async function checkCredits(
  config: Config,
  { dryRun, test, need }: Invocation,
  ports: Ports,
): Promise<Report> {
  const { apiKey, memory: document } = await ports.readParameters();
  const { memory, problem } = parseMemory(document);
  if (problem) ports.warn(`Starting with a fresh memory: ${problem}`);

  const audience = ports.countSubscribers();
  audience.catch(() => {}); // It is awaited at the end: a refused count must not keep an alert from going out.
  const reading = await ports.readCredits(apiKey);

  const now = ports.now();
  const decision = decide(memory, reading, config.policy, now);
  const alert = test ? testAlert(memory) : decision.alert;
  const message = alert && writeMessage({ config, alert, reading, decision, now });

  const ahead = alert && beforeGoodNews(memory, alert);
  if (ahead && !dryRun) await ports.saveMemory(serializeMemory(ahead));

  const messageId = message && !dryRun ? await ports.publish(message) : null;

  const remembered = serializeMemory(decision.memory);
  if (!dryRun && !test && remembered !== document) await ports.saveMemory(remembered);

  const report: Report = {
    account: config.account,
    checkedAt: new Date(now).toISOString(),
    ...describeReading(reading, decision),
    alert: alert &&
      message && { kind: alert.kind, severity: alert.severity, subject: message.subject, messageId },
    audience: await audience,
    need:
      need !== null && reading.kind === "credits" ? { credits: need, enough: reading.credits >= need } : null,
  };
  if (report.audience && confirmedIn(report.audience) === 0)
    ports.warn("Nobody is told: the topic has no confirmed subscription");
  ports.checked(report, dryRun || test);
  return report;
}

function describeReading(
  reading: Reading,
  { level, runway, memory }: Decision,
): Pick<Report, "credits" | "level" | "runway" | "failure"> {
  return {
    credits: reading.kind === "credits" ? reading.credits : null,
    level,
    runway: runway && {
      creditsPerHour: round(runway.creditsPerHour),
      hoursLeft: round(runway.hoursLeft),
      emptyAt: new Date(runway.emptyAt).toISOString(),
    },
    failure:
      reading.kind === "failure" ? { ...reading.failure, consecutive: memory.failing?.count ?? 1 } : null,
  };
}

/** To two decimals. */
function round(value: number): number {
  return Number(value.toFixed(2));
}
