import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { Template } from './template';

/** The one template of an assembly. */
export function readTemplate(directory: string): { file: string; template: Template } {
  const files = readdirSync(directory).filter((file) => file.endsWith('.template.json'));
  if (files.length !== 1) throw new Error(`${directory} holds ${files.length} templates; wires are looked for in an assembly of one stack`);
  return { file: files[0]!, template: JSON.parse(readFileSync(path.join(directory, files[0]!), 'utf8')) as Template };
}

/** The assembly with another template in place of its own, everything else shared; `remove` deletes it. */
export function withTemplate(directory: string, template: Template): { directory: string; remove(): void } {
  const copy = mkdtempSync(path.join(tmpdir(), 'cdk-mlops-wire-'));
  const { file } = readTemplate(directory);
  for (const entry of readdirSync(directory)) if (entry !== file) symlinkSync(path.join(directory, entry), path.join(copy, entry));
  writeFileSync(path.join(copy, file), JSON.stringify(template));
  return { directory: copy, remove: () => { rmSync(copy, { recursive: true, force: true }); } };
}
