/** The first version (two or three numbers) in a program's output, whatever lines it prints before. */
export function versionIn(output: string): string | undefined {
  return /(?<![\d.])(\d+\.\d+(?:\.\d+)?)/.exec(output)?.[1];
}

/** Whether a dotted version is at least another: 1.10 is more than 1.9. */
export function isAtLeast(version: string, least: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, wanted] of least.split('.').map(Number).entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
