import { createHash } from 'node:crypto';

/** A program that shall always run. */
export interface ChildSpec {
  /** Unique among the children of one supervision; names its record and its log. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The complete environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Content of the configuration that the program reads at start, where a change of it asks for a restart. */
  readonly configuration?: string;
  /** What it is told first when it shall end; default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /** How long it may take to obey before SIGKILL, in milliseconds; default 5000. */
  readonly graceMs?: number;
  /** Whether its descendants end with it even where they left its process group, as the sessions of an sshd do. */
  readonly endDescendants?: boolean;
}

/** Digest of all that makes the running program: a leftover of the same digest is adopted, any other is ended. */
export function specDigest(spec: ChildSpec): string {
  const env = Object.entries(spec.env).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([spec.command, spec.args, env, spec.cwd, spec.configuration]))
    .digest('hex');
}
