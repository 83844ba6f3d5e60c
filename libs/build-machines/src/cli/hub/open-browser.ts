import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Programs that open an address in the user's browser, by platform; the first that is there is used. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  // wslview is WSL2's own, and opens the browser of Windows.
  linux: ['wslview', 'xdg-open'],
};

/**
 * Opens an address in the user's browser, where there is a screen to see it on.
 * @returns whether a program took it.
 */
export async function openBrowser(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
  const hasScreen = ['DISPLAY', 'WAYLAND_DISPLAY', 'WSL_DISTRO_NAME'].some((name) => (env[name] ?? '') !== '');
  if (platform !== 'darwin' && !hasScreen) return false;
  for (const program of OPENERS[platform] ?? []) {
    if (await starts(program, url, env)) return true;
  }
  return false;
}

/** Starts a program that outlives this one. @returns false when there is no such program. */
async function starts(
  program: string,
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  const child = spawn(program, [url], { detached: true, stdio: 'ignore', env });
  child.unref();
  try {
    await once(child, 'spawn');
    return true;
  } catch {
    return false; // Not there, or not to be executed: the next one is tried, and the address is printed.
  }
}
