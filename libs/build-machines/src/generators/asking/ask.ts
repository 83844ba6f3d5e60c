/** Puts questions to the person at the terminal. Generators get one as an argument, so specs answer by table. */
export interface Asker {
  /** Asks for a line of text; Enter takes the suggestion. `validate` returns what is wrong, or undefined. */
  text(question: string, suggestion: string, validate?: (value: string) => string | undefined): Promise<string>;
  /** Asks for one of several values; the first is the suggestion. */
  choose(question: string, choices: readonly Choice[]): Promise<string>;
}

/** One answer that can be chosen. */
export interface Choice {
  readonly value: string;
  readonly label: string;
}

/**
 * Asks with the same prompts as Nx itself, so that a generator's questions look like one conversation. They are loaded
 * when the first question comes: most runs of a generator ask nothing.
 */
export const terminalAsker: Asker = {
  async text(question, suggestion, validate) {
    const { text } = await import('@clack/prompts');
    const answer = await text({
      message: question,
      placeholder: suggestion,
      defaultValue: suggestion,
      // An empty line takes the suggestion, which need not be checked.
      validate: (value) => (value === undefined || value === '' ? undefined : validate?.(value)),
    });
    return answered(answer);
  },
  async choose(question, choices) {
    const { select } = await import('@clack/prompts');
    return answered(
      await select({ message: question, options: choices.map(({ value, label }) => ({ value, label })) }),
    );
  },
};

/** The answer; clack gives a symbol for Ctrl-C. Ends the process as Ctrl-C does: nothing was written yet, because Nx writes a generator's changes at its end. */
function answered(answer: string | symbol): string {
  if (typeof answer === 'symbol') process.exit(130);
  return answer;
}
