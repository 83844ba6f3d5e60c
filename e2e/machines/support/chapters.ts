/** One test of a story, with a limit in milliseconds. */
export type Chapter = (name: string, body: () => Promise<void>, limit: number) => void;

/**
 * Tests of one story: each goes on where the one before ended. After one has failed, those behind it fail at once and say
 * why, because waiting for what cannot come costs minutes each.
 * @param isWhole whether the side stories are told too.
 * @returns `chapter`: `it` for what the story needs; `sideStory`: for what nothing behind it needs.
 */
export function chapters(isWhole = true): { chapter: Chapter; sideStory: Chapter } {
  let broken: string | undefined;
  const chapter: Chapter = (name, body, limit) => {
    it(
      name,
      async () => {
        if (broken !== undefined) throw new Error(`not reached: "${broken}" failed before`);
        broken = name;
        const begun = performance.now();
        await body();
        broken = undefined;
        // jest shows a file's results at its end, and such a file takes many minutes.
        process.stderr.write(`  ${name}: ${Math.round((performance.now() - begun) / 1000)} s\n`);
      },
      limit,
    );
  };
  return { chapter, sideStory: isWhole ? chapter : (name) => it.skip(name, () => undefined) };
}
