/** Writes what the agent did, for an administrator; systemd's journal takes it from stderr. */
export interface Logger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** One JSON object per line, with pino's field names, so that its tools read it. */
export function jsonLogger(write: (line: string) => void, now: () => Date): Logger {
  const log =
    (level: number) =>
    (msg: string, fields: Record<string, unknown> = {}): void => {
      write(`${JSON.stringify({ level, time: now().toISOString(), msg, ...fields })}\n`);
    };
  return { info: log(30), warn: log(40), error: log(50) };
}
