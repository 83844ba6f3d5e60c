/** Name of the database in a backup. It comes first. */
export const DATABASE_MEMBER = 'hub.db';

const LOG_MEMBER = /^run-logs\/([0-9a-f-]{1,64})\.log$/;

/** Name of the log of a run in a backup. */
export function logMember(runId: string): string {
  return `run-logs/${runId}.log`;
}

/** Whose log a member of a backup is; undefined for what is none. */
export function runOfMember(member: string): string | undefined {
  return LOG_MEMBER.exec(member)?.[1];
}
