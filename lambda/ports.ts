/** What a check needs of the world. Pure. */
import type { Message } from "./messages/message.ts";
import type { Reading } from "./policy/reading.ts";
import type { Report, Subscribers } from "./report.ts";

/** What a check needs of the world. If a port throws, the check fails and Lambda retries it. */
export interface Ports {
  /** The key and the remembered document, undefined if there is none; the document's version is then 0. */
  readParameters(): Promise<{
    readonly apiKey: string | undefined;
    readonly memory: string | undefined;
    readonly memoryVersion: number;
  }>;
  /** A former document by its version; undefined if there is none. */
  readMemory(version: number): Promise<string | undefined>;
  /**
   * @throws any error if nobody knows whether the document is there
   */
  saveMemory(document: string): Promise<Saved>;
  /** Reads the balance of the account that a key belongs to. Never throws: failing is a reading too. */
  readCredits(apiKey: string | undefined): Promise<Reading>;
  /** Null if there is no topic. */
  countSubscribers(): Promise<Subscribers | null>;
  /**
   * Publishes in one attempt.
   *
   * @returns the message's id
   * @throws NotPublishedError if nobody can have heard the message; any other error if somebody may have
   */
  publish(message: Message): Promise<string>;
  warn(message: string): void;
  /** Takes the report to the log and to the metrics. */
  record(report: Report): void;
  /** Epoch milliseconds. */
  now(): number;
}

export interface Saved {
  /** Of the document: one more than the last, whoever wrote that. */
  readonly version: number;
  /** Whether it took more than one attempt, so that the document may be there twice. */
  readonly isRetried: boolean;
}

/** The message certainly did not go out. */
export class NotPublishedError extends Error {
  override readonly name = "NotPublishedError";
}
