import { writePrivate } from '../../disk/write-aside.js';
import { sshdAccount } from '../../sshd/account.js';
import { findSftpServer } from '../../sshd/find-sftp-server.js';
import { requireProgram, requireSshd } from '../../sshd/find-sshd.js';
import { prepareSshd } from '../../sshd/prepare-sshd.js';
import { sandboxAgentConfig } from './agent-config.js';
import { sandboxChildren, SYSTEM_PATH } from './children.js';
import type { SandboxPorts } from './choose-ports.js';
import type { SandboxLayout } from './layout.js';
import type { SandboxSettings } from './sandbox-settings.js';
import type { SandboxUpOptions } from './sandbox-up.js';
import { sandboxSshdOptions } from './sshd-options.js';
import type { SupervisorConfig } from './supervisor-config.js';

/**
 * Writes what the supervisor of a sandbox keeps running. Nothing of the shell that this runs in goes into it but where
 * programs are: otherwise the machine would be another one in each terminal.
 */
export async function writeSupervisorConfig(
  options: SandboxUpOptions,
  layout: SandboxLayout,
  ports: SandboxPorts,
  settings: SandboxSettings,
): Promise<void> {
  const { account, machine, relay, hub } = options;
  const programs = {
    sshd: await requireSshd(account.path),
    ssh: await requireProgram('ssh', account.path, 'openssh-client'),
    autossh: await requireProgram('autossh', account.path, 'autossh'),
    node: process.execPath,
  };
  const sshdConfig = await prepareSshd(
    programs.sshd,
    layout.sshdConfig,
    sandboxSshdOptions({ layout, port: ports.sshdPort, user: account.user, sftpServer: await findSftpServer() }),
    sshdAccount(account.user, account.uid),
  );
  const { definition } = machine;
  const { tunnelPort } = ports;
  const agentConfig = JSON.stringify(
    sandboxAgentConfig({ layout, definition, tunnelPort, forwardPort: ports.forwardPort, account, hub }),
    null,
    2,
  );
  await writePrivate(layout.agentConfig, agentConfig);
  const config: SupervisorConfig = {
    version: 1,
    name: definition.name,
    instanceFile: layout.supervisorInstance,
    logFile: layout.supervisorLog,
    folder: layout.supervisor,
    children: sandboxChildren({
      layout,
      ports,
      tunnelPort,
      relay,
      hub,
      account,
      programs,
      configuration: { sshd: sshdConfig, agent: `${agentConfig} ${settings.agent.sha256} ${settings.secrets}` },
    }).map((child) => ({ ...child, args: [...child.args] })),
    bridge: options.bridge,
    self: {
      command: programs.node,
      args: [layout.supervisorBundle, layout.supervisorConfig],
      env: { HOME: account.home, PATH: SYSTEM_PATH, LANG: 'C.UTF-8' },
      cwd: '/',
    },
  };
  await writePrivate(layout.supervisorConfig, `${JSON.stringify(config, null, 2)}\n`);
}
