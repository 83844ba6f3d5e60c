import type { Ended } from './run-program.js';

/** Whether Nx took a task's answer from its cache: it marks such a task behind its name and arguments. */
export function isCacheHit(ended: Ended, task: string): boolean {
  const header = new RegExp(
    `${escaped(task)}( .*?)?\\s+\\[(local cache|existing outputs match the cache|remote cache)`,
    'm',
  );
  return header.test(ended.output);
}

/** Fails with the whole output when a command did not succeed: the message that a reader of a failed test needs. */
export function succeeded(ended: Ended): Ended {
  if (ended.exitCode !== 0) throw new Error(`exit status ${ended.exitCode ?? ended.signal}:\n${ended.output}`);
  return ended;
}

/** Fails when a command succeeded that must not, or had to be killed because it did not end. */
export function failed(ended: Ended): Ended {
  if (ended.exitCode === 0) throw new Error(`succeeded, but must not:\n${ended.output}`);
  if (ended.exitCode === null) throw new Error(`ended by ${ended.signal}, not by itself:\n${ended.output}`);
  return ended;
}

/** What Nx printed under the heading of a task, in all places; empty where there is none. */
export function outputOf(ended: Ended, task: string): string {
  const [, ...sections] = ended.output.split(/^> nx run /m);
  const own = sections.filter((section) => /^\S+/.exec(section)?.[0] === task);
  return own.map((section) => section.split(/^ NX {3}/m)[0]).join('');
}

/** The tasks that Nx lists as failed. */
export function failedTasks({ output }: Ended): string[] {
  const list = /^Failed tasks:\n\n((?:- .*\n)*)/m.exec(output)?.[1] ?? '';
  return [...list.matchAll(/^- (\S+)/gm)].map(([, task]) => task!).sort();
}

/** The modules that GHC compiled, each once: Nx prints the output of a batch as it comes and again per task. */
export function compiledModules(output: string): string[] {
  return [...new Set([...output.matchAll(/^\[ *\d+ of +\d+\] Compiling (\S+)/gm)].map((match) => match[1]!))];
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
