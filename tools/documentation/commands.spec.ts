import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemOf } from './check-command.js';
import { knownCommands, repositoryRoot } from './known-commands.js';
import { commandsInPage, commandsInSource, type WrittenCommand } from './written-commands.js';

const known = knownCommands(repositoryRoot);

/** Files below a folder of the repository, as paths in it. */
function filesBelow(folder: string, wanted: (file: string) => boolean): string[] {
  return readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file}`)
    .filter((file) => !/\/(node_modules|dist)\//.test(file) && wanted(file));
}

const read = (file: string): string => readFileSync(join(repositoryRoot, file), 'utf8');

const problems = (commands: readonly WrittenCommand[]): string[] =>
  commands.flatMap(({ place, words }) => {
    const problem = problemOf(words, known);
    return problem === undefined ? [] : [`${place}: ${words.join(' ')}: ${problem}`];
  });

describe('the commands that people are told to run', () => {
  it('exist, in every page, with the options that are written', () => {
    const pages = ['README.md', 'CONTRIBUTING.md', ...filesBelow('docs', (file) => file.endsWith('.md'))];
    const commands = pages.flatMap((page) => commandsInPage(page, read(page)));
    expect(commands.length).toBeGreaterThan(100);
    expect(problems(commands)).toEqual([]);
  });

  it('exist, in every message and hint of the sources', () => {
    const isSource = (file: string): boolean => /\.ts$/.test(file) && !/\.(spec|d)\.ts$/.test(file);
    const sources = [...filesBelow('libs', isSource), ...filesBelow('agent/src', isSource)];
    const commands = sources.flatMap((file) => commandsInSource(file, read(file)));
    expect(commands.length).toBeGreaterThan(50);
    expect(problems(commands)).toEqual([]);
  });

  it.each([
    ['nx run box:upp', 'target upp'],
    ['nx run box:ghc-install --version=9.8.4', 'option --version'],
    ['nx run box:up 9.8.4', 'the word 9.8.4'],
    ['nx run box:logs --units=agent', 'option --units'],
    ['npx nx g build-machines:machinery', 'no generator'],
    ['nx g build-machines:vm box --hosts=a', 'option --hosts'],
    ['nx affected -t remote-tests', 'target remote-tests'],
    ['npx build-machines hub opne', 'no command opne'],
    ['npx build-machines doctor --yaml', 'no option --yaml'],
    ['nx runn box:up', 'no command runn'],
  ])('are found out when they are wrong: %s', (line, problem) => {
    expect(problems(commandsInPage('page.md', `Run \`${line}\`.`))).toEqual([expect.stringContaining(problem)]);
    expect(problems(commandsInPage('page.md', `\`\`\`bash\n${line} # now\n\`\`\``))).toHaveLength(1);
  });

  it('are found in messages too', () => {
    const line = 'hint: `Run \\`nx run ${name}:upp --force\\`, or npx build-machines hub opne.`,';
    expect(problems(commandsInSource('a.ts', line))).toEqual([
      expect.stringContaining('target upp'),
      expect.stringContaining('no command opne'),
    ]);
  });
});
