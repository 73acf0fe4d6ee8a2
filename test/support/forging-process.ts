// A process with the keys of an ingest node: it prints the facts of a recording, sealed again with another time of the call, as
// base64. Arguments: tenant, recording, time.
import { compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { openRawFacts, sealRawFacts } from '../../src/vault/core/facts/raw-facts.ts';

const [tenant = '', id = '', started = ''] = process.argv.slice(2);
const request = { signal: AbortSignal.timeout(600_000) };
const { vault, close } = await compose(readConfig(), (error) => {
  throw error;
});
const found = await vault.db.read(
  async ({ tenants, recordings }) => ({
    tenant: await tenants.find(tenant),
    recording: await recordings.find(tenant, id),
  }),
  request,
);
if (found.tenant === null || found.recording?.facts == null) throw new Error('there is no such recording');
const key = await vault.metadataKeys.get(found.tenant, request);
const said = openRawFacts(key, found.recording, found.recording.facts);
const facts = sealRawFacts(key, found.recording, { ...said, started_at: started });
process.stdout.write(Buffer.from(facts).toString('base64'));
await close();
