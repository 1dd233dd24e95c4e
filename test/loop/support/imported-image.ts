import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { BuildContext } from '../../../twin/jobs/build-context';
import { buildImage } from '../../../twin/jobs/build-image';
import { parseDockerfile } from '../../../twin/jobs/dockerfile';
import type { EcrService } from '../../../twin/services/ecr';
import { PROJECT } from '../../lib/fixtures';
import type { Loop } from './loop';

const REPOSITORY = 'built-elsewhere';

/** The example's image, as somebody else has built and pushed it. */
const image = buildImage(parseDockerfile(readFileSync(path.join(PROJECT, 'Dockerfile'), 'utf8')), { context: new BuildContext(PROJECT), architecture: 'amd64' });

/** Its address in the registry of the loop's account; known before it is pushed. */
export const IMPORTED_IMAGE = `123456789012.dkr.ecr.us-east-1.amazonaws.com/${REPOSITORY}@${image.digest}`;

export function pushImportedImage({ twin }: Loop): void {
  twin.service<EcrService>('ecr').seedImage({ registryId: twin.account, repository: REPOSITORY, image });
}
