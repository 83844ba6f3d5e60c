import { createInterface } from 'node:readline/promises';

/** Puts a question to the person at the terminal; undefined where there is none to answer. */
export function terminalQuestion(): ((text: string) => Promise<string>) | undefined {
  if (!process.stdin.isTTY) return undefined;
  return async (text) => {
    const prompt = createInterface({ input: process.stdin, output: process.stderr });
    try {
      return await prompt.question(text);
    } finally {
      prompt.close();
    }
  };
}
