import type { Command } from 'commander';
import { exitCode } from '../../../libs/build-machines/src/cli/exit-codes.js';
import { page, table } from '../markdown.js';
import { describedProgram } from '../program.js';

const meanings: Record<keyof typeof exitCode, string> = {
  success: 'What was asked for is done, and nothing is wrong.',
  failure: 'It failed, or something is missing; what, and how to mend it, is printed.',
  usage: 'The command line was not understood.',
  defect: 'A defect of build-machines; the stack trace is printed.',
  interrupted: 'Ctrl-C.',
};

/** docs/reference/cli.md: every command of `build-machines`, from the command line's own description. */
export function cliPage(): string {
  const program = describedProgram();
  return page(
    'Command line',
    'Run it with `npx build-machines <command>` in a workspace.',
    ...leaves(program, 'build-machines').map(({ path, command }) => commandSection(path, command)),
    '## Exit statuses',
    table(
      ['Status', 'Meaning'],
      Object.entries(exitCode).map(([name, status]) => [`\`${status}\``, meanings[name as keyof typeof exitCode]]),
    ),
  );
}

function leaves(command: Command, path: string): { path: string; command: Command }[] {
  return command.commands.flatMap((child) => {
    const childPath = `${path} ${child.name()}`;
    return child.commands.length > 0 ? leaves(child, childPath) : [{ path: childPath, command: child }];
  });
}

function commandSection(path: string, command: Command): string {
  const usage = [
    path,
    ...command.registeredArguments.map((argument) =>
      argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
    ),
  ];
  const rows = [
    ...command.registeredArguments.map((argument) => [
      `\`${argument.name()}\``,
      described(argument.description, argument.argChoices),
    ]),
    ...command.options.map((option) => [`\`${option.flags}\``, described(option.description, option.argChoices)]),
  ];
  return `## ${usage.join(' ')}\n\n${command.description()}${rows.length === 0 ? '' : `\n\n${table(['Argument or option', 'Description'], rows)}`}`;
}

function described(text: string, choices: readonly string[] | undefined): string {
  return choices === undefined ? text : `${text}: ${choices.join(', ')}`;
}
