import { withInstalledCommands } from '../../reporting/installed-commands.js';
import type { Surroundings } from '../surroundings.js';

/** Prints an answer: as one JSON document where `--json` asks for it, otherwise as text for people. */
export function printAnswer(
  { stdout }: Surroundings,
  json: boolean | undefined,
  answer: { readonly data: unknown; readonly text: string },
): void {
  stdout.write(json === true ? `${JSON.stringify(answer.data, null, 2)}\n` : withInstalledCommands(answer.text));
}
