/** A command of ours that a page or a message tells its reader to run. */
export interface WrittenCommand {
  /** Where it stands, for a failure's message. */
  readonly place: string;
  readonly words: readonly string[];
}

/** The commands in a page: in its blocks of shell lines and in its spans of code. */
export function commandsInPage(file: string, text: string): WrittenCommand[] {
  const commands: WrittenCommand[] = [];
  let block = false;
  for (const [index, line] of text.split('\n').entries()) {
    const place = `${file}:${index + 1}`;
    if (/^\s*```/.test(line)) block = !block;
    else if (block) commands.push(...commandsIn(place, line));
    else commands.push(...[...line.matchAll(/`([^`]+)`/g)].flatMap(([, code = '']) => commandsIn(place, code)));
  }
  return commands;
}

/** As far as they can be told from prose: the beginning of each command, with the options that follow. */
const IN_SOURCE = [
  /\bnx run (?:\$\{[^}]+\}|[\w<>-]+):[a-z][a-z-]+(?: --[a-zA-Z][\w-]*(?:=[^\s`'",;)\\]*)?)*/g,
  /\bnx g build-machines:[a-z-]+(?: --[a-zA-Z][\w-]*(?:=[^\s`'",;)\\]*)?)*/g,
  /\bnpx build-machines (?:hub |bridge )?[a-z][a-z-]+/g,
];

/** The commands in the messages and hints of a source file. */
export function commandsInSource(file: string, text: string): WrittenCommand[] {
  return text.split('\n').flatMap((line, index) =>
    IN_SOURCE.flatMap((pattern) =>
      [...line.matchAll(pattern)].map(([command]) => ({
        place: `${file}:${index + 1}`,
        words: wordsOf(command.replaceAll(/\$\{[^}]*\}/g, 'VALUE')),
      })),
    ),
  );
}

/** The commands in one line of shell: without its comment, several where `&&` or a pipe stands between them. */
function commandsIn(place: string, line: string): WrittenCommand[] {
  return line
    .replace(/\s#.*$/, '')
    .split(/&&|\||[$]\(|\)/)
    .map(wordsOf)
    .filter(isConcrete)
    .map((words) => ({ place, words }));
}

/** Whether it is a command and not just the name of one, or the pattern of many: `nx run <project>:<target>`. */
function isConcrete([program = '', verb = '', what = '']: readonly string[]): boolean {
  if (program === 'build-machines') return /^[a-z-]+$/.test(verb);
  return program === 'nx' && /^[a-z][a-z:-]*$/.test(verb) && (what === '' ? verb !== 'run' : !/:<|…/.test(what));
}

function wordsOf(command: string): string[] {
  const words = [...command.trim().matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) =>
    word.replaceAll(/["']/g, ''),
  );
  return words[0] === 'npx' ? words.slice(1) : words;
}
