/** Says at the end of a failed task's output which tasks Nx does not run for it; empty where there are none. */
export function notRunLine(taskId: string, dependents: readonly string[]): string {
  return dependents.length === 0 ? '' : `▸ Not run, because ${taskId} failed: ${dependents.join(', ')}\n`;
}

/** The tasks that {@link notRunLine} names in the output of a task. */
export function tasksNotRun(taskId: string, terminalOutput: string): string[] {
  const lines = terminalOutput.split(/\r?\n/).map((line) => line.trim());
  const start = `▸ Not run, because ${taskId} failed: `;
  return lines.flatMap((line) => (line.startsWith(start) ? line.slice(start.length).split(', ') : []));
}
