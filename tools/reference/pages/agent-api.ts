import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as protocol from '@build-machines/protocol';
import ts from 'typescript';
import type { z } from 'zod';
import { jsonSchemaOf } from '../json-schema.js';
import { page, propertyTable } from '../markdown.js';

/** The bodies that cross the wire, in the order in which a client meets them. */
const bodies: Record<string, { schema: z.ZodType; io: 'input' | 'output' }> = {
  AgentInfo: { schema: protocol.AgentInfo, io: 'output' },
  MissingBlobsRequest: { schema: protocol.MissingBlobsRequest, io: 'input' },
  MissingBlobsAnswer: { schema: protocol.MissingBlobsAnswer, io: 'output' },
  RunRequest: { schema: protocol.RunRequest, io: 'input' },
  RunResult: { schema: protocol.RunResult, io: 'output' },
  RunList: { schema: protocol.RunList, io: 'output' },
  CancelRequest: { schema: protocol.CancelRequest, io: 'input' },
  SessionTicket: { schema: protocol.SessionTicket, io: 'output' },
  ArtifactsRequest: { schema: protocol.ArtifactsRequest, io: 'input' },
  ErrorBody: { schema: protocol.ErrorBody, io: 'output' },
};

/** docs/reference/agent-api.md: the agent's requests, as its contract's doc comment lists them, and their bodies. */
export function agentApiPage(root: string): string {
  return page(
    'Agent API',
    `Protocol version ${protocol.PROTOCOL_VERSION}. Content type of run requests: \`${protocol.RUN_REQUEST_CONTENT_TYPE}\`.`,
    contractComment(join(root, 'libs/protocol/src/agent-api.ts')),
    '## Events of a run',
    'One JSON object a line; `type` tells which.',
    ...variants(protocol.RunEvent, 'output', 'type'),
    '## ToolInstallRequest',
    '`kind` tells what is to be installed.',
    ...variants(protocol.ToolInstallRequest, 'input', 'kind'),
    ...Object.entries(bodies).map(
      ([name, { schema, io }]) => `## ${name}\n\n${propertyTable(jsonSchemaOf(schema, io), 'Field')}`,
    ),
  );
}

/** One section per variant of a union that the field `tag` tells apart. */
function variants(union: z.ZodType, io: 'input' | 'output', tag: string): string[] {
  const { oneOf, anyOf } = jsonSchemaOf(union, io);
  return (oneOf ?? anyOf ?? []).map((variant) => {
    const { [tag]: name, ...fields } = variant.properties ?? {};
    return `### ${String(name?.const)}\n\n${propertyTable({ ...variant, properties: fields }, 'Field')}`;
  });
}

/** The doc comment of the first exported declaration of a file, as Markdown. */
function contractComment(file: string): string {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const statement = source.statements.find((candidate) => ts.isVariableStatement(candidate));
  const comment = statement === undefined ? undefined : ts.getJSDocCommentsAndTags(statement).find(ts.isJSDoc)?.comment;
  const text = ts.getTextOfJSDocComment(comment);
  if (text === undefined) throw new Error(`${file}: the contract has no doc comment`);
  return text.replaceAll(/\{@link\s+([^}]+)\}/g, (_, name: string) => `[${name}](#${name.toLowerCase()})`);
}
