import type { Activity, RunRequest } from '@build-machines/protocol';

/** A run, as what the machine does for somebody. */
export function runActivity({ command, workspace }: RunRequest, now: Date): () => Activity {
  const since = now.toISOString();
  return () => ({ kind: 'run', label: command.label, user: workspace.user, workspace: workspace.id, since });
}
