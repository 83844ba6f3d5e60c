import { ask } from './hub-data.js';

/** The browser has taken a file over by then, in milliseconds. */
const TAKEN_OVER_MS = 60_000;

/** Saves the log of a run as a file. A plain link could not: it carries no token. */
export async function saveLog(id: string): Promise<void> {
  const url = URL.createObjectURL(await (await ask(`/runs/${encodeURIComponent(id)}/log`)).blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = `run-${id.slice(0, 8)}.log`;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, TAKEN_OVER_MS);
}
