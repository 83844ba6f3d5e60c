import type { Command } from 'commander';
import { connectHub } from '../hub/connect-hub.js';
import { withHubOptions, type HubCommandOptions } from '../hub/hub-options.js';
import { openBrowser } from '../hub/open-browser.js';
import { printAnswer } from '../output/answer.js';
import type { Surroundings } from '../surroundings.js';

/** `hub open`: the page, with what it needs to read. */
export function addHubOpen(hub: Command, surroundings: Surroundings): void {
  withHubOptions(hub.command('open').description("Open the hub's page in the browser"))
    .option('--print', 'print the address, and open no browser')
    .action(async ({ hub: url, json, print }: HubCommandOptions & { readonly print?: boolean }) => {
      const { env, signal } = surroundings;
      const client = await connectHub(surroundings, url);
      const { code, expires_in_seconds: seconds } = await client.makePageCode(signal);
      const address = `${client.url}/#code=${code}`;
      const opened = json !== true && print !== true && (await openBrowser(address, env));
      const text = opened
        ? `The page opens in your browser: ${client.url}\n`
        : `Open this address within ${seconds} seconds; it works once:\n${address}\n`;
      printAnswer(surroundings, json, { data: { url: address, expires_in_seconds: seconds }, text });
    });
}
