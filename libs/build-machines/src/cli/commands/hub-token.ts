import { Argument, type Command } from 'commander';
import { Role } from '@build-machines/state-hub';
import { connectHub } from '../hub/connect-hub.js';
import { withHubOptions, type HubCommandOptions } from '../hub/hub-options.js';
import { printAnswer } from '../output/answer.js';
import { ago } from '../../reporting/durations.js';
import { renderTable } from '../output/table.js';
import type { Surroundings } from '../surroundings.js';

/** `hub token create|list|revoke`. */
export function addHubToken(hub: Command, surroundings: Surroundings): void {
  const token = hub.command('token').description('Tokens of the hub, each with the least that its holder needs');
  withHubOptions(
    token
      .command('create')
      .description('Make a token and print it, this once: the hub keeps a hash alone')
      .addArgument(new Argument('<role>', 'what it may do').choices(Role.options))
      .argument('<name>', "the machine's or user's name, or what the token is for"),
  )
    .option('--replace', 'revoke all other tokens of this role and name')
    .action(async (role: Role, name: string, options: HubCommandOptions & { readonly replace?: boolean }) => {
      const client = await connectHub(surroundings, options.hub);
      const made = await client.createToken({ role, name, replace: options.replace ?? false }, surroundings.signal);
      // The token alone on standard output, so that it can go into a file or a secret store without a copy on screen.
      printAnswer(surroundings, options.json, { data: made, text: `${made.token}\n` });
    });
  withHubOptions(token.command('list').description('List tokens; never their secrets')).action(
    async ({ hub: url, json }: HubCommandOptions) => {
      const tokens = await (await connectHub(surroundings, url)).listTokens(surroundings.signal);
      const rows = tokens.map(({ id, role, name, created_at: made }) => [
        id,
        role,
        name,
        ago(made, surroundings.now()),
      ]);
      const text = rows.length === 0 ? 'No tokens.\n' : renderTable(['id', 'role', 'name', 'made'], rows);
      printAnswer(surroundings, json, { data: tokens, text });
    },
  );
  withHubOptions(
    token.command('revoke').description('Revoke a token at once').argument('<id>', 'id of the token, from list'),
  ).action(async (id: string, { hub: url, json }: HubCommandOptions) => {
    await (await connectHub(surroundings, url)).revokeToken(id, surroundings.signal);
    printAnswer(surroundings, json, { data: { revoked: id }, text: `Token ${id} is revoked.\n` });
  });
}
