/** Where Nx puts the words of the command line; the schemas that it reads ask for them. */
const WORDS = '__unparsed__';

/**
 * The options of a target, with `args` as they were written on the command line. Nx makes numbers of what looks like one,
 * also of `1.0` and `0x10`, whose text is lost by that, and several arguments of a single one with commas in it.
 */
export function argsAsWritten(options: unknown): unknown {
  if (typeof options !== 'object' || options === null || !(WORDS in options)) return options;
  const { [WORDS]: words, ...given } = options as Record<string, unknown>;
  const written = valuesOf('args', Array.isArray(words) ? words.map(String) : []);
  return written.length === 0 ? given : { ...given, args: asWritten(given['args'], written) };
}

/** Text that Nx left alone is taken from it: it has removed the quotes that a command line of its own making has. */
function asWritten(args: unknown, written: readonly string[]): unknown {
  if (!Array.isArray(args)) return written;
  if (written.length === 1) return [args.join(',')];
  if (written.length !== args.length) return args;
  return args.map((arg: unknown, index) => (typeof arg === 'string' ? arg : written[index]));
}

/** What follows `--name=` or `--name`, each time. */
function valuesOf(name: string, words: readonly string[]): string[] {
  return words.flatMap((word, index) => {
    if (word.startsWith(`--${name}=`)) return word.slice(name.length + 3);
    const next = words[index + 1];
    return word === `--${name}` && next !== undefined && !/^-\D/.test(next) ? next : [];
  });
}
