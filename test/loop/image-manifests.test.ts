import { ModelProject } from '../../lib';
import { PROJECT } from '../lib/fixtures';
import { after, quiet, trained } from './bad-input/runs';
import { stackAssembly } from './support/assembly';
import { ImportedImage } from './support/imported-image';
import { Loop } from './support/loop';

/* SageMaker takes Docker's image manifests only; what else is pushed has to be named where its owner looks. */

test('a build whose image gets attestations after all fails by itself; an imported OCI image fails the training', async () => {
  const oci = new ImportedImage('oci');
  const assemblies = [
    stackAssembly({ project: ModelProject.fromDirectory(PROJECT, { testCommands: ['export BUILDX_NO_DEFAULT_ATTESTATIONS=0'] }) }),
    stackAssembly({ project: ModelProject.fromImage(oci.address) }),
  ] as const;
  const loop = await Loop.deploy(assemblies[0].directory);
  try {
    await quiet(loop);
    await loop.handInDays(7);
    expect(await trained(loop)).toMatchObject({
      status: 'Failed', reason: expect.stringMatching(/^Build\/Build: .*SageMaker takes application\/vnd\.docker\.distribution\.manifest\.v2\+json only; leave BUILDX_NO_DEFAULT_ATTESTATIONS=1/),
    });
    const group = await loop.resource('AWS::Logs::LogGroup', 'BuildLogs');
    const { events } = await loop.call('logs', 'FilterLogEvents', { logGroupName: group });
    expect(events.map(({ message }: { message: string }) => message)).toContainEqual(expect.stringMatching(/^the image was pushed as application\/vnd\.oci\.image\.index\.v1\+json, but/));

    oci.push(loop);
    const outcome = await after(loop, loop.names.trainingPipeline, async () => { await loop.twin.update(assemblies[1].directory); });
    expect(outcome).toMatchObject({ status: 'Failed', reason: expect.stringContaining('Unsupported manifest media type application/vnd.oci.image.manifest.v1+json for image') });
  } finally {
    await loop.twin.stop();
    for (const assembly of assemblies) assembly.remove();
  }
}, 180_000);
