import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BundledPackage } from './contents';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/**
 * The software bill of materials of the published package in CycloneDX's form (ECMA-424, version 1.6): what is inside its bundles. Without
 * a time or a serial number, so that the same sources give the same bytes.
 */
export function billOfMaterials(root: string, packages: readonly BundledPackage[]): string {
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const { packages: locked } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, { integrity?: string }> };
  const components = packages.map((each) => ({
    ...component('library', each),
    // Of what the registry gave for it, as the lock file holds it.
    hashes: hashes(locked[each.folder]?.integrity),
    externalReferences: [{ type: 'distribution', url: `https://registry.npmjs.org/${each.name}/-/${each.name.split('/').at(-1)!}-${each.version}.tgz` }],
  }));
  const product = component('library', own);
  const dependencies = [{ ref: product['bom-ref'], dependsOn: components.map((each) => each['bom-ref']) }, ...components.map((each) => ({ ref: each['bom-ref'] }))];
  return `${JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, metadata: { component: product }, components, dependencies }, undefined, 2)}\n`;
}

function component(type: string, { name, version, license }: Manifest) {
  // A package URL writes the `@` of a scope in per cent.
  const purl = `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;
  return { type, 'bom-ref': purl, name, version, licenses: [/ (OR|AND|WITH) /.test(license) ? { expression: license } : { license: { id: license } }], purl };
}

/** `sha512-…` in base64, as hexadecimal digits. */
function hashes(integrity: string | undefined): Array<{ alg: string; content: string }> {
  const [, digest] = /^sha512-(.+)$/.exec(integrity ?? '') ?? [];
  return digest === undefined ? [] : [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }];
}
