import { InjectionStepError } from './errors.js';

/** Values of /etc/build-agent.env, which the tunnel's unit reads. */
export interface TunnelSettings {
  /** Address of the relay as the machine sees it. */
  readonly relayHost: string;
  readonly relayPort: number;
  readonly relayUser: string;
  /** Port of the reverse tunnel on the workstation. */
  readonly tunnelPort: number;
  /** Host of the State Hub, seen from the relay. */
  readonly hubHost: string;
  /** Its port there. */
  readonly hubPort: number;
}

/** Names in the file, in the order of the template. */
const NAMES = {
  relayHost: 'SSH_RELAY_HOST',
  relayPort: 'SSH_RELAY_PORT',
  relayUser: 'SSH_RELAY_USER',
  tunnelPort: 'TUNNEL_PORT',
  hubHost: 'HUB_HOST',
  hubPort: 'HUB_PORT',
} as const satisfies Record<keyof TunnelSettings, string>;

/**
 * Fills a template (packer/haskell/files/build-agent.env.template, or a file that the user edited): each known name gets
 * our value unless the text already gives it one; what else stands there stays.
 * @throws InjectionStepError for a value that systemd would read as something else.
 */
export function renderSettings(template: string, settings: TunnelSettings): string {
  let text = template;
  for (const [key, name] of Object.entries(NAMES)) {
    const value = String(settings[key as keyof TunnelSettings]);
    if (!/^[A-Za-z0-9._:@-]+$/.test(value))
      throw new InjectionStepError(`${name} cannot be "${value}"`, {
        hint: 'Correct it in machine.yml: letters, digits and . _ : @ - only.',
      });
    const line = new RegExp(`^${name}=.*$`, 'm');
    text = line.test(text) ? text.replace(line, `${name}=${value}`) : `${text.trimEnd()}\n${name}=${value}\n`;
  }
  return text;
}

/** What a build-agent.env that the user wrote says; empty values count as not given. Numbers that are none are left out. */
export function readSettings(text: string): Partial<TunnelSettings> {
  const value = (name: string): string | undefined =>
    new RegExp(`^${name}=["']?([^"'\\s#]+)["']?\\s*$`, 'm').exec(text)?.[1];
  const number = (name: string): number | undefined => {
    const found = Number(value(name));
    return Number.isInteger(found) && found > 0 ? found : undefined;
  };
  return dropUndefined({
    relayHost: value(NAMES.relayHost),
    relayUser: value(NAMES.relayUser),
    relayPort: number(NAMES.relayPort),
    tunnelPort: number(NAMES.tunnelPort),
    hubHost: value(NAMES.hubHost),
    hubPort: number(NAMES.hubPort),
  });
}

function dropUndefined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
