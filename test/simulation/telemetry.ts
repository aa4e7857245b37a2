/** Takes what the real telemetry prints, so that the invariants can search it. */
import { createTelemetry } from "../../lambda/adapters/telemetry.ts";

type Telemetry = ReturnType<typeof createTelemetry>;

/** The real logger and metrics; what they print goes to `seen` instead of standard output. */
export function captureTelemetry(account: string, seen: (line: string) => void): Telemetry {
  const { warn, record } = createTelemetry({ account, emitsMetrics: true });
  return {
    warn: (message) => captureOutput(() => warn(message), seen),
    record: (report) => captureOutput(() => record(report), seen),
  };
}

/** Powertools writes at once, so that what is written during a call is of that call. */
function captureOutput(call: () => void, seen: (line: string) => void): void {
  const streams = [process.stdout, process.stderr];
  const writes = streams.map(({ write }) => write);
  for (const stream of streams) {
    stream.write = (chunk: string | Uint8Array) => {
      seen(String(chunk));
      return true;
    };
  }
  try {
    call();
  } finally {
    for (const [index, stream] of streams.entries()) stream.write = writes[index] ?? stream.write;
  }
}
