import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

/** A class of errors that users can meet. */
export interface ErrorClass {
  readonly name: string;
  /** Undefined: the class is abstract, or its code comes from elsewhere (a wire). */
  readonly code: string | undefined;
  readonly isAbstract: boolean;
  readonly description: string;
  /** Relative to the repository. */
  readonly file: string;
}

/** The root of the hierarchy, in libs/protocol. */
const ROOT_CLASS = 'BuildMachinesError';

/**
 * All classes below `BuildMachinesError`, directly or not, in the sources of libraries and agent (specs and test rigs
 * left out). Found by syntax: base classes are followed by name.
 */
export function scanErrors(root: string): ErrorClass[] {
  const found = ['libs', 'agent'].flatMap((folder) =>
    sourceFiles(join(root, folder)).flatMap((file) => classesOf(root, file)),
  );
  const below = new Set([ROOT_CLASS]);
  // Until nothing is added: a class may stand before its base in the order of files.
  for (let size = 0; size !== below.size;) {
    size = below.size;
    for (const { name, base } of found) if (base !== undefined && below.has(base)) below.add(name);
  }
  return found
    .filter(({ name, base }) => name !== ROOT_CLASS && base !== undefined && below.has(base))
    .map(({ name, code, isAbstract, description, file }) => ({ name, code, isAbstract, description, file }));
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return ['node_modules', 'dist', 'testing', 'files'].includes(entry.name) || entry.name.startsWith('.')
        ? []
        : sourceFiles(path);
    return /\.ts$/.test(entry.name) && !/\.(spec|d)\.ts$/.test(entry.name) ? [path] : [];
  });
}

function classesOf(root: string, path: string): (ErrorClass & { base: string | undefined })[] {
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  return source.statements.filter(ts.isClassDeclaration).flatMap((declaration) => {
    if (declaration.name === undefined) return [];
    const heritage = declaration.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword);
    const base = heritage?.types[0]?.expression;
    return [
      {
        name: declaration.name.text,
        base: base !== undefined && ts.isIdentifier(base) ? base.text : undefined,
        code: codeOf(declaration),
        isAbstract: ts.getModifiers(declaration)?.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword) ?? false,
        description: descriptionOf(declaration),
        file: relative(root, path),
      },
    ];
  });
}

/** The text that the property `code` starts with. */
function codeOf(declaration: ts.ClassDeclaration): string | undefined {
  const member = declaration.members.find(
    (candidate) => ts.isPropertyDeclaration(candidate) && candidate.name.getText() === 'code',
  );
  const value = member !== undefined && ts.isPropertyDeclaration(member) ? member.initializer : undefined;
  const text = value !== undefined && ts.isAsExpression(value) ? value.expression : value;
  return text !== undefined && ts.isStringLiteralLike(text) ? text.text : undefined;
}

/** The class's doc comment in one line, with links as code. */
function descriptionOf(declaration: ts.ClassDeclaration): string {
  const comment = ts.getJSDocCommentsAndTags(declaration).find(ts.isJSDoc)?.comment;
  const text = ts.getTextOfJSDocComment(comment) ?? '';
  return text
    .replaceAll(/\{@link\s+([^}]+)\}/g, '`$1`')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
