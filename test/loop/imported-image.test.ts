import { Hosting, ModelProject } from '../../lib';
import { decide } from './bad-input/registry';
import { after, quiet, trained } from './bad-input/runs';
import { stackAssembly } from './support/assembly';
import { ImportedImage } from './support/imported-image';
import { Loop } from './support/loop';

/* A loop whose image was built elsewhere, for x86. */

const image = new ImportedImage();
const withHosting = (instanceType: string) => stackAssembly({ project: ModelProject.fromImage(image.address), hosting: Hosting.realTime({ instanceType }) });

test('trains; on Graviton it cannot be hosted, which the release explains; on x86 it serves', async () => {
  const assemblies = [withHosting('ml.c7g.large'), withHosting('ml.m5.large')] as const;
  const loop = await Loop.deploy(assemblies[0].directory);
  try {
    image.push(loop);
    await quiet(loop);
    await loop.handInDays(7);
    expect(await trained(loop)).toMatchObject({ status: 'Succeeded' });
    const [{ ModelPackageArn }] = await loop.account.pending();
    const release = (doing: () => Promise<unknown>) => after(loop, loop.names.releasePipeline, async () => { await doing(); });
    const refused = await release(() => decide(loop, ModelPackageArn, 'Approved'));
    expect(refused).toMatchObject({
      status: 'Failed', reason: expect.stringMatching(/did not pass the ping health check.*ml\.c7g\.large has Arm processors: it runs only images that are built for arm64/),
    });
    expect(await release(() => loop.twin.update(assemblies[1].directory))).toMatchObject({ status: 'Succeeded' });
    expect(Number(await loop.ask())).toBeGreaterThan(0);
  } finally {
    await loop.twin.stop();
    for (const assembly of assemblies) assembly.remove();
  }
}, 180_000);
