/** The use case. Adapters are handed in as its ports. */
import type { Config } from "./config.ts";
import type { Invocation } from "./invocation.ts";
import { type Message, writeMessage } from "./messages/message.ts";
import { isInFlight, OverlapError, save } from "./outbox.ts";
import { type Memory, parseMemory, serializeMemory } from "./policy/memory.ts";
import { type Decision, decide, testAlert } from "./policy/policy.ts";
import { NotPublishedError, type Ports } from "./ports.ts";
import { type Report, reportOf, type Subscribers } from "./report.ts";

/**
 * Checks one account's credits:
 *
 * 1. read the key and the memory
 * 2. ask Kie for the credits, and meanwhile SNS for the audience
 * 3. decide what is due
 * 4. remember it; if an alert goes out, as on its way
 * 5. publish the alert
 * 6. remember that it is out
 * 7. report
 *
 * A check that has nothing to tell leaves out 5 and 6. A dry run leaves out 4 to 6; a test sends its own message, and
 * leaves out 4 and 6.
 *
 * @throws what a port throws, and OverlapError if another check is telling something at the same time. Kie failing is
 * no exception but part of the report.
 */
export async function checkCredits(config: Config, invocation: Invocation, ports: Ports): Promise<Report> {
  const { dryRun, test, need, snoozeHours } = invocation;
  const isRehearsal = dryRun || test;

  // 1
  const { apiKey, memory: document, memoryVersion } = await ports.readParameters();
  const { memory, problem } = parseMemory(document);
  if (problem) ports.warn(`Starting with a fresh memory: ${problem}`);
  if (!isRehearsal && isInFlight(memory, ports.now())) {
    throw new OverlapError("another check is sending a message at this moment");
  }

  // 2
  const [reading, audience] = await Promise.all([ports.readCredits(apiKey), tryCountSubscribers(ports)]);

  // 3
  const now = ports.now();
  const decision = decide(memory, { reading, audience, snoozeHours }, config, now);
  const alert = test ? testAlert(decision) : decision.alert;
  const held = test ? null : decision.hold;
  const report = reportOf(config, { reading, decision, alert, audience, need, now });
  const message = alert && writeMessage({ config, alert, report, decision, now });
  const willSend = message !== null && held === null && !dryRun;
  const next = willSend ? decision.memoryIfTold : decision.memory;

  // 4
  if (!isRehearsal) await save(next, { memory, version: memoryVersion }, now, ports);

  // 5
  const messageId = willSend ? await publish(message, test ? null : decision, ports) : null;

  // 6
  if (willSend && !test) await trySave({ ...next, sending: null }, ports);

  // 7
  if (memory.sending !== null && decision.memory.sending === null) {
    ports.warn(`${memory.sending.kind} counts as told, though nobody knows whether it was heard`);
  }
  for (const { kind, hold } of decision.held) ports.warn(`${kind} is due, but not sent: ${hold}`);
  const complete: Report = {
    ...report,
    alert: alert &&
      message && { kind: alert.kind, severity: alert.severity, subject: message.subject, messageId, held },
  };
  ports.record(complete);
  return complete;
}

/** The audience; null if SNS does not say. */
async function tryCountSubscribers(ports: Ports): Promise<Subscribers | null> {
  try {
    return await ports.countSubscribers();
  } catch (error) {
    ports.warn(`Who would hear a message is unknown: ${textOf(error)}`);
    return null;
  }
}

/** If the message certainly did not go out, what was told before it is remembered again. */
async function publish(message: Message, decision: Decision | null, ports: Ports): Promise<string> {
  try {
    return await ports.publish(message);
  } catch (error) {
    if (decision && error instanceof NotPublishedError) await trySave(decision.memory, ports);
    throw error;
  }
}

/** The last word of a check that wrote ahead. If this fails, the next check finds the message on its way. */
async function trySave(memory: Memory, ports: Ports): Promise<void> {
  try {
    await ports.saveMemory(serializeMemory(memory));
  } catch (error) {
    ports.warn(`The next check may repeat this message: ${textOf(error)}`);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
