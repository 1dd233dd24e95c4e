import { assembleShortLoop, runShortLoop } from './support/short-loop';

describe('the short loop', () => {
  const assembly = assembleShortLoop();
  afterAll(() => { assembly.remove(); });

  test('turns once, from an empty account to an empty account', async () => {
    const { broken } = await runShortLoop(assembly.directory);
    expect(broken).toBeUndefined();
  }, 180_000);
});
