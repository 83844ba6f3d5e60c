import { createHash } from 'node:crypto';
import { z } from 'zod';
import { compareReleases } from '../../releases/compare-releases.js';

/** What a running sandbox was brought up with. */
export const SandboxSettings = z.object({
  /** Release of the plugin that brought it up, such as `0.1.0`. */
  release: z.string(),
  /** The agent that was copied into the machine: where from, and its SHA-256. */
  agent: z.object({ source: z.string(), sha256: z.string() }),
  slots: z.number().int(),
  labels: z.record(z.string(), z.string()),
  /** The port that the workspace's port-registry.yml gives it. The machine may have another one; see SandboxRecord. */
  port: z.number().int(),
  relay: z.string(),
  hub: z.string(),
  /** Digest of the token and the keys. */
  secrets: z.string(),
});
export type SandboxSettings = z.infer<typeof SandboxSettings>;

/** One difference between a running sandbox and what a command wants. */
export interface SandboxChange {
  /**
   * `programs`: our own programs in it. `connection`: without it the machine cannot be reached. `settings`: what
   * machine.yml and port-registry.yml say.
   */
  readonly kind: 'programs' | 'connection' | 'settings';
  /** For people, such as `slots: 2 → 4`. */
  readonly text: string;
}

/** Fields of the settings that people can read; a secret is only said to differ. */
const READABLE = [
  ['relay', 'connection'],
  ['slots', 'settings'],
  ['port', 'settings'],
  ['hub', 'settings'],
] as const;

/**
 * What would have to change in a running sandbox. Two releases of the plugin serve one account side by side, so only a
 * newer one replaces the programs of an older one. Of the same release, only a rebuild in the same place does: another
 * workspace's copy is as good.
 * @param running undefined: brought up by a release that recorded none.
 */
export function changesOf(running: SandboxSettings | undefined, wanted: SandboxSettings): SandboxChange[] {
  if (running === undefined) return [{ kind: 'programs', text: 'the machine was brought up by an earlier release' }];
  const changes: SandboxChange[] = [];
  if (running.agent.sha256 !== wanted.agent.sha256) {
    const order = compareReleases(wanted.release, running.release);
    if (order > 0) changes.push({ kind: 'programs', text: `release: ${running.release} → ${wanted.release}` });
    else if (order === 0 && running.agent.source === wanted.agent.source)
      changes.push({ kind: 'programs', text: 'the agent was built anew' });
  }
  for (const [field, kind] of READABLE)
    if (running[field] !== wanted[field])
      changes.push({ kind, text: `${field}: ${String(running[field])} → ${String(wanted[field])}` });
  const [before, after] = [labelsText(running), labelsText(wanted)];
  if (before !== after) changes.push({ kind: 'settings', text: `labels: ${before} → ${after}` });
  if (running.secrets !== wanted.secrets) changes.push({ kind: 'connection', text: 'keys or token' });
  return changes;
}

/** One digest of values that no record should hold. */
export function secretsDigest(values: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('hex');
}

function labelsText({ labels }: Pick<SandboxSettings, 'labels'>): string {
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.length === 0 ? 'none' : pairs.map(([key, value]) => `${key}=${value}`).join(', ');
}
