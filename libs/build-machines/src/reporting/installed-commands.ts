import { dirname, join, relative, sep } from 'node:path';
import { packageFolder } from '../package/package-folder.js';

/**
 * A text with commands and paths that work where the plugin is installed. In a workspace without package.json, Nx and its
 * plugins live in `.nx/installation` (`nx init --useDotNxInstallation`): there `npx` finds neither.
 * @param folder where the plugin is installed
 */
export function withInstalledCommands(text: string, folder = packageFolder): string {
  const modules = modulesBelowWorkspace(folder);
  if (modules === undefined) return text;
  return text
    .replaceAll(/\bnpx build-machines\b/g, `./${modules}/.bin/build-machines`)
    .replaceAll(/(?<![\w./-])(npx )?nx (?=run\b|g\b|add\b|sync\b|show\b|graph\b|reset\b|migrate\b)/g, './nx ')
    .replaceAll(/(?<!installation\/)\bnode_modules\/build-machines\b/g, `${modules}/build-machines`);
}

function modulesBelowWorkspace(folder: string): string | undefined {
  const modules = dirname(folder);
  const installation = join('.nx', 'installation', 'node_modules');
  if (!modules.endsWith(`${sep}${installation}`)) return undefined;
  return relative(modules.slice(0, -installation.length), modules).split(sep).join('/');
}
