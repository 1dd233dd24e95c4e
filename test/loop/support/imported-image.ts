import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { BuildContext } from '../../../twin/jobs/build-context';
import { buildImage } from '../../../twin/jobs/build-image';
import { parseDockerfile } from '../../../twin/jobs/dockerfile';
import type { Image, ImageFormat } from '../../../twin/jobs/image';
import type { EcrService } from '../../../twin/services/ecr';
import { PROJECT } from '../../lib/fixtures';
import type { Loop } from './loop';

const REPOSITORY = 'built-elsewhere';

/** The example's image as somebody else has built it. */
export class ImportedImage {
  private readonly image: Image;

  constructor(format: ImageFormat = 'docker') {
    const instructions = parseDockerfile(readFileSync(path.join(PROJECT, 'Dockerfile'), 'utf8'));
    this.image = buildImage(instructions, { context: new BuildContext(PROJECT), architecture: 'amd64', format });
  }

  /** In the registry of the loop's account; known before it is pushed. */
  get address(): string {
    return `123456789012.dkr.ecr.us-east-1.amazonaws.com/${REPOSITORY}@${this.image.digest}`;
  }

  push({ twin }: Loop): void {
    twin.service<EcrService>('ecr').seedImage({ registryId: twin.account, repository: REPOSITORY, image: this.image });
  }
}
