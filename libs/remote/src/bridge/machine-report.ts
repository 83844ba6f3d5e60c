import { bannerOnce, type MachineAccess } from '@build-machines/machines';
import { agentInfo } from '../connection/agent-info.js';
import type { AgentTransport } from '../connection/agent-transport.js';
import type { MachineReport } from './bridge-protocol.js';
import { errorBody } from './proxy-to-agent.js';

/** How long each look at a machine may take, in milliseconds. */
const PATIENCE = 5_000;

/** Looks at one machine, layer by layer: port, SSH, agent. Never throws. */
export async function reportMachine(
  name: string,
  resolveAccess: (name: string) => Promise<MachineAccess>,
  connect: (access: MachineAccess) => Promise<AgentTransport>,
): Promise<MachineReport> {
  const unknown = { name, sshHost: '', sshPort: 0, listening: false, sshOk: false, agent: null, latencyMs: null };
  let access: MachineAccess;
  try {
    access = await resolveAccess(name);
  } catch (error) {
    return { ...unknown, error: errorBody(error) };
  }
  const { sshHost, sshPort } = access;
  const listening = await isListening(sshHost, sshPort);
  const report = { ...unknown, sshHost, sshPort, listening };
  let sshOk = false;
  try {
    const transport = await connect(access);
    sshOk = true;
    await agentInfo(transport, name, AbortSignal.timeout(PATIENCE));
    const started = performance.now();
    const agent = await agentInfo(transport, name, AbortSignal.timeout(PATIENCE));
    return { ...report, sshOk, agent, latencyMs: performance.now() - started, error: null };
  } catch (error) {
    return { ...report, sshOk, error: errorBody(error) };
  }
}

async function isListening(host: string, port: number): Promise<boolean> {
  try {
    await bannerOnce(host, port, PATIENCE);
    return true;
  } catch {
    return false; // Refused, silent or no SSH: the attempt to log in says which.
  }
}
