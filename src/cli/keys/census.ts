// Command that counts the wrapped keys of tenants by key and generation.
import type { Command } from 'commander';
import { backlogOf, type Census, readCensus } from '../../vault/keys/census.ts';
import { planRewrap, type RewrapPlan } from '../../vault/keys/plan.ts';
import { printJson, printLine, withVaultToRead } from '../support/with-vault.ts';

/** Lines of a table, indented by two. Columns of digits are right-aligned. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = heads.map((head, n) => Math.max(head.length, ...rows.map((row) => (row[n] ?? '').length)));
  const right = heads.map((_, n) => rows.length > 0 && rows.every((row) => /^\d*$/.test(row[n] ?? '')));
  const line = (cells: readonly string[]): string =>
    `  ${cells
      .map((cell, n) => (right[n] === true ? cell.padStart(widths[n] ?? 0) : cell.padEnd(widths[n] ?? 0)))
      .join('  ')
      .trimEnd()}`;
  return [line(heads), ...rows.map(line)];
}

type Options = { readonly tenant?: string; readonly json: boolean; readonly csv: boolean };

/** Registers `callvault keys census`. */
export function censusCommand(keys: Command): void {
  keys
    .command('census')
    .description('count wrapped keys by key and wrap generation from the database, without unwrapping any')
    .option('--tenant <id>', 'only this tenant (default: all)')
    .option('--json', 'print one JSON object per tenant', false)
    .option('--csv', 'print one CSV line per key and generation', false)
    .action(({ tenant, json, csv }: Options) =>
      withVaultToRead(async (vault, _by, request) => {
        const all = await vault.db.read((rows) => rows.tenants.all(), request);
        const ids = tenant === undefined ? all.map((row) => row.tenant) : [tenant];
        if (csv) printLine('tenant,scheme,key,generation,state,keys,envelopes_behind');
        for (const id of ids) {
          const one = await readCensus(vault, id, request);
          if (json) printJson(jsonOf(one));
          else if (csv) for (const line of one.lines) printLine(csvOf(id, line));
          else for (const line of textOf(one, planRewrap(one, vault.keys.provider.calls))) printLine(line);
        }
      }),
    );
}

function jsonOf(one: Census): object {
  const { tenant, lines, tenantKeks, ingestKeys } = one;
  const left = backlogOf(one);
  return {
    tenant: tenant.tenant,
    key: tenant.key?.id ?? null,
    generation: tenant.wrap,
    minimum: tenant.minimumWrap,
    volume: tenant.volume,
    lines: lines.map(({ scheme, keyId, wrap, state, keys, envelopesBehind }) => {
      return { scheme, key: keyId, generation: wrap, state, keys, envelopes_behind: envelopesBehind };
    }),
    tenant_keks: tenantKeks.map(({ id, wrap, keyId }) => ({ id, generation: wrap, key: keyId })),
    metadata_key: {
      key: tenant.metadataKey?.id ?? null,
      generation: tenant.metadataKey?.wrap ?? null,
      tenant_json: tenant.blobWrap,
    },
    ingest_keys: ingestKeys.map(({ id, state, wrap, keyId, blobWrap }) => {
      return { id, state, key: keyId, generation: wrap, blob: blobWrap };
    }),
    behind: {
      data_keys: left.dataKeys,
      under_way: left.underway,
      envelopes: left.envelopes,
      ingest_keys: left.ingestKeys,
    },
  };
}

function csvOf(id: string, { scheme, keyId, wrap, state, keys, envelopesBehind }: Census['lines'][number]): string {
  return [id, scheme, keyId, wrap, state, keys, envelopesBehind].join(',');
}

// Counts envelopes as a dry run does: each is re-wrapped together with its key.
function textOf(of: Census, { backlog: left, envelopes }: RewrapPlan): readonly string[] {
  const { tenant, lines, tenantKeks, ingestKeys } = of;
  const { dataKeys, underway, metadataKey, tenantBlob } = left;
  const head = `${tenant.tenant} · ${tenant.name} · ${tenant.state} · generation ${tenant.wrap}, minimum ${tenant.minimumWrap}`;
  const rows = lines.map(({ scheme, keyId, wrap, state, keys, envelopesBehind }) => [
    String(wrap),
    scheme,
    keyId,
    state,
    String(keys),
    envelopesBehind === 0 ? '' : `${envelopesBehind} envelopes behind`,
  ]);
  const kek = tenantKeks.map(({ id, wrap, keyId }) => [String(wrap), 'tenant KEK', `${id} under ${keyId}`, '', '', '']);
  const metadata = [
    String(tenant.metadataKey?.wrap ?? ''),
    'metadata',
    tenant.metadataKey?.id ?? '',
    '',
    '1',
    tenantBlob ? 'tenant.json behind' : '',
  ];
  const ingest = ingestKeys.map(({ id, wrap, blobWrap, keyId }) => [
    String(wrap),
    'ingest',
    `${id} under ${keyId}`,
    '',
    '1',
    blobWrap < wrap ? 'its blob behind' : '',
  ]);
  const own = left.ingestKeys + left.ingestBlobs;
  const todo = underway + envelopes + own + Number(metadataKey) + Number(tenantBlob);
  return [
    head,
    ...table(['gen.', 'scheme', 'key', 'deposits', 'keys', ''], [...rows, ...kek, ...ingest, metadata]),
    todo === 0
      ? '  everything is at the current generation'
      : `  to re-wrap: ${dataKeys} data keys, ${envelopes} envelopes${metadataKey ? ', the metadata key' : ''}${left.ingestKeys > 0 ? `, ${left.ingestKeys} ingest keys` : ''}${underway > 0 ? `; ${underway} more when their uploads complete` : ''}`,
    '',
  ];
}
