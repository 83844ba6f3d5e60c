/**
 * Tests of one story: each goes on where the one before ended. After one has failed, those behind it fail at once and say
 * why, because waiting for what cannot come costs minutes each.
 * @returns `it`, with a limit in milliseconds.
 */
export function chapters(): (name: string, body: () => Promise<void>, limit: number) => void {
  let broken: string | undefined;
  return (name, body, limit) => {
    it(
      name,
      async () => {
        if (broken !== undefined) throw new Error(`not reached: "${broken}" failed before`);
        broken = name;
        await body();
        broken = undefined;
      },
      limit,
    );
  };
}
