import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BundledPackage } from './contents';

/** Names, versions and licence texts of everything that went into a bundle. */
export function notices(root: string, packages: readonly BundledPackage[]): string {
  // Many packages share one text; each is printed once.
  const byText = new Map<string, string[]>();
  for (const { name, version, license, folder } of packages) {
    const file = readdirSync(join(root, folder)).find((each) => /^licen[cs]e(\.|$)/i.test(each));
    const text = file === undefined ? 'The package carries no licence text.' : readFileSync(join(root, folder, file), 'utf8').trim();
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const sections = [...byText].map(([text, titles]) => `${titles.join('\n')}\n\n${text}\n`);
  return `The bundled handlers and the command line contain the following third-party software.\n\n${sections.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
