import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { DISABLE_ASSET_STAGING_CONTEXT } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';

/** A zip file with one JSON document in it, in the bootstrap bucket. Tokens cannot be in it. */
export function jsonAsset(scope: Construct, id: string, file: string, document: object): Asset {
  const folder = mkdtempSync(join(tmpdir(), 'document-'));
  writeFileSync(join(folder, file), `${JSON.stringify(document, undefined, 2)}\n`);
  const asset = new Asset(scope, id, { path: folder });
  // With staging switched off the assembly refers to the folder itself.
  if (!scope.node.tryGetContext(DISABLE_ASSET_STAGING_CONTEXT)) rmSync(folder, { recursive: true });
  return asset;
}
