import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import type { BundledPackage } from '../../scripts/bundle/contents';
import { billOfMaterials } from '../../scripts/bundle/sbom';

const ROOT = path.resolve(__dirname, '../..');
const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { devDependencies: Record<string, string> };
const bom = readFileSync(path.join(ROOT, 'dist', 'sbom.cdx.json'), 'utf8');
const { components } = JSON.parse(bom) as { components: Array<{ name: string; version: string; purl: string; hashes: Array<{ content: string }>; licenses: Array<{ license?: { id: string } }> }> };

describe('the bill of materials', () => {
  test('is valid by CycloneDX\'s own schema', async () => {
    expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(bom)).toBeNull();
  });

  test('names everything that the notices name, with hash and licence, and nothing else', () => {
    const notices = readFileSync(path.join(ROOT, 'THIRD-PARTY-NOTICES'), 'utf8');
    const noticed = [...notices.matchAll(/^((?:@[a-z0-9-]+\/)?[a-z0-9.-]+) (\d+\.\d+\.\d+\S*) \((\S+)\)$/gm)].map(([, name, version, license]) => `${name} ${version} ${license}`);
    expect(components.length).toBeGreaterThan(20);
    expect(components.map(({ name, version, licenses }) => `${name} ${version} ${licenses[0]!.license!.id}`).sort()).toEqual(noticed.sort());
    for (const { name, hashes } of components) expect({ name, hashes }).toEqual({ name, hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) }] });
  });

  test('contains permissive licences only', () => {
    const licenses = new Set(components.map((each) => each.licenses[0]!.license!.id));
    expect([...licenses].filter((id) => !['Apache-2.0', 'MIT', 'MIT-0', '0BSD', 'ISC', 'BSD-3-Clause', 'BSD-2-Clause'].includes(id))).toEqual([]);
  });

  test('says an expression of licences as one, and a scope as package URLs do', () => {
    const package_: BundledPackage = { name: '@a/b', version: '1.0.0', license: 'MIT OR Apache-2.0', folder: 'node_modules/@a/b' };
    expect(JSON.parse(billOfMaterials(ROOT, [package_])).components).toEqual([expect.objectContaining({ purl: 'pkg:npm/%40a/b@1.0.0', licenses: [{ expression: 'MIT OR Apache-2.0' }] })]);
  });
});

test('whatever shapes what ships is pinned to one version', () => {
  const bundled = components.map(({ name }) => name).filter((name) => name in manifest.devDependencies);
  const ranges = [...bundled, 'esbuild', 'jsii', 'typescript'].map((name) => [name, manifest.devDependencies[name]!]).filter(([, range]) => !/^\d+\.\d+\.\d+$/.test(range!));
  expect(ranges).toEqual([]);
});
