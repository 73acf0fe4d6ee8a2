// The error of an erasure that retention forbids: until when, who said so, what can be done.
import { describe, expect, it } from 'vitest';
import { freshErasureWorld } from '../../support/erasure-world.ts';
import { wav } from '../../support/wav.ts';

const world = freshErasureWorld('sqlite');
const until = '2040-01-01T00:00:00.000Z';

const erase = async (recording: string): Promise<string> => {
  const failed = await world.erase(world.harbour.tenant, recording).then(
    () => null,
    (error: Error) => error.message,
  );
  return failed ?? 'erased';
};
const patch = async (call: string, json: object): Promise<string> => {
  const reply = await world.call('PATCH', `/v1/ingest/pbx/${call}`, { key: world.harbour.uploader.key, json });
  return ((await reply.json()) as { recording: string }).recording;
};

describe('a recording that must be kept', () => {
  it.each([
    ['before', 'created'],
    ['after', 'amended'],
  ])('names the service that set the time %s the audio', async (when) => {
    if (when === 'before') await patch('kept', { retain_until: until });
    const recording = await world.deposited(world.harbour, 'kept', wav(16_000));
    if (when === 'after') await patch('kept', { retain_until: until });
    const said = await erase(recording);
    expect(said).toContain(`must be kept until ${until}.`);
    expect(said).toContain(`by a service that uploads calls (${world.harbour.uploader.id})`);
    expect(said).toContain('The time can only be moved later: erase the recording after it');
  });

  it('names the privacy officer who moved it', async () => {
    const recording = await world.deposited(world.harbour, 'kept', wav(16_000));
    await patch('kept', { retain_until: until });
    const { key, id } = world.harbour.privacy;
    const seen = await world.call('GET', `/v1/recordings/${recording}`, { key });
    const headers = { 'if-match': seen.headers.get('etag') ?? '' };
    const json = { reason: 'a claim is open', retain_until: '2041-01-01T00:00:00Z' };
    expect((await world.call('PATCH', `/v1/recordings/${recording}`, { key, headers, json })).status).toBe(200);
    expect(await erase(recording)).toMatch(new RegExp(`until 2041-01-01.*by a privacy officer \\(${id}\\)`));
  });
});
