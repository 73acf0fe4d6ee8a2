// Recordings of telephone systems: FreeSWITCH's records, sidecars, Asterisk's and rtpengine's names.
import { describe, expect, it } from 'vitest';
import { freeswitch } from '../../src/connectors/freeswitch.ts';
import type { Layout } from '../../src/connectors/layout.ts';
import { rtpengine } from '../../src/connectors/rtpengine.ts';
import { asterisk, sidecar } from '../../src/connectors/sidecar.ts';

const UUID = '4b1c8f3a-7d2e-4a5b-9c6d-1e2f3a4b5c6d';
const OTHER = '9d3a1c2b-6e5f-4d7c-8b9a-0f1e2d3c4b5a';

function read(layout: Layout, path: string, files: Readonly<Record<string, unknown>> = {}): unknown {
  const beside = layout.besideOf(path).flatMap((name): [string, string][] => {
    const value = files[name];
    return value === undefined ? [] : [[name, typeof value === 'string' ? value : JSON.stringify(value)]];
  });
  return layout.read(path, new Map(beside));
}

/** A record of mod_json_cdr, whose variables are encoded as it encodes them by default. */
function record(more: Readonly<Record<string, string>> = {}, encode = encodeURIComponent): unknown {
  const variables = {
    uuid: UUID,
    call_uuid: UUID,
    direction: 'inbound',
    start_stamp: '2026-03-02 09:15:04',
    start_epoch: '1772442904',
    start_uepoch: '1772442904873201',
    caller_id_number: '+442079460123',
    sip_to_user: '02079460456',
    cc_queue: 'cards@harbour.example',
    ...more,
  };
  return {
    'core-uuid': OTHER,
    switchname: 'pbx',
    channel_data: { state: 'CS_REPORTING', direction: 'inbound' },
    variables: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, encode(value)])),
    callflow: [
      { dialplan: 'XML', caller_profile: { caller_id_number: '+442079460123', destination_number: '02079460456' } },
    ],
  };
}

describe('recordings of FreeSWITCH', () => {
  const metadata = {
    call_id: UUID,
    started_at: '2026-03-02T09:15:04.000Z',
    from: '+442079460123',
    to: '02079460456',
    queue: 'cards@harbour.example',
    interaction: UUID,
  };

  it.each([
    ['beside it', `2026/${UUID}.cdr.json`],
    ['of the first leg', `2026/a_${UUID}.cdr.json`],
    ['in the folder of records', `json_cdr/${UUID}.cdr.json`],
  ])('take their metadata from a record %s, encoded or not', (_, at) => {
    const path = `2026/${UUID}.wav`;
    for (const encode of [encodeURIComponent, String]) {
      expect(read(freeswitch, path, { [at]: record({}, encode) })).toEqual({
        key: { callId: UUID, leg: '0' },
        metadata,
        audio: path,
      });
    }
  });

  it('of the second leg have the interaction of the first', () => {
    const of = { [`${OTHER}.cdr.json`]: record({ uuid: OTHER, call_uuid: UUID }) };
    expect(read(freeswitch, `${OTHER}.wav`, of)).toMatchObject({
      key: { callId: OTHER, leg: '0' },
      metadata: { call_id: OTHER, interaction: UUID },
    });
  });

  it('keep a text that no one encoded, such as one with a lone per cent sign', () => {
    const of = {
      [`${UUID}.cdr.json`]: record({ callvault_ticket: '100 %41', callvault_direction: 'outbound' }, String),
    };
    expect(read(freeswitch, `${UUID}.wav`, of)).toMatchObject({
      metadata: { ticket: '100 %41', direction: 'outbound' },
    });
    const broken = { [`${UUID}.cdr.json`]: { variables: { uuid: UUID, callvault_ticket: '%zz' } } };
    expect(read(freeswitch, `${UUID}.wav`, broken)).toMatchObject({ metadata: { ticket: '%zz' } });
  });

  it.each([
    ['a record of another leg', record({ uuid: OTHER }), 'metadata-differs'],
    ['a record that was cut', '{"variables":{"uuid"', 'metadata-unreadable'],
    ['no record', undefined, 'no-metadata'],
  ])('with %s are reported', (_, text, why) => {
    expect(read(freeswitch, `${UUID}.wav`, { [`${UUID}.cdr.json`]: text })).toEqual({ why });
  });

  it('with another name are reported, and records are no recordings', () => {
    expect(read(freeswitch, 'greeting.wav')).toEqual({ why: 'no-call-id' });
    expect(freeswitch.roleOf(`${UUID}.cdr.json`)).toBe('beside');
    expect(freeswitch.roleOf('notes.txt')).toEqual({ why: 'not-a-recording' });
  });
});

describe('a recording with a sidecar', () => {
  it.each(['1772442904.17.json', '1772442904.17.wav.json'])('takes its metadata from %s', (at) => {
    const given = { source: 'asterisk', call_id: '1772442904.17', leg: 'b', from: '+442079460123', pauses: [] };
    const { source: _, ...metadata } = given;
    for (const layout of [sidecar, asterisk, rtpengine]) {
      expect(read(layout, 'in/1772442904.17.wav', { [`in/${at}`]: given })).toEqual({
        key: { callId: '1772442904.17', leg: 'b' },
        metadata,
        audio: 'in/1772442904.17.wav',
      });
    }
  });

  it.each([
    ['{"call_id":', 'metadata-unreadable'],
    ['[]', 'metadata-unreadable'],
    ['{}', 'no-call-id'],
    ['{"call_id":7}', 'no-call-id'],
  ])('of %s is reported', (text, why) => {
    for (const layout of [sidecar, asterisk, rtpengine])
      expect(read(layout, 'a.wav', { 'a.json': text })).toEqual({ why });
  });

  it('is needed where the name says nothing', () => {
    for (const layout of [sidecar, asterisk, rtpengine]) expect(read(layout, 'a.wav')).toEqual({ why: 'no-metadata' });
    expect(read(sidecar, '1772442904.17.wav')).toEqual({ why: 'no-metadata' });
  });
});

describe('a recording without a sidecar', () => {
  it.each([
    ['1772442904.17.wav', '1772442904.17'],
    ['2026/pbx-2-1772442904.17.wav', 'pbx-2-1772442904.17'],
  ])('of Asterisk is known by its UNIQUEID: %s', (path, id) => {
    expect(read(asterisk, path)).toEqual({
      key: { callId: id, leg: '0' },
      metadata: { call_id: id, started_at: '2026-03-02T09:15:04.000Z' },
      audio: path,
    });
  });

  it.each([
    ['a84b4c76e66710@pbx.example-9f2c3d4e5a6b7c8d-mix.wav', 'a84b4c76e66710@pbx.example', '9f2c3d4e5a6b7c8d'],
    ['x/a84b-4c76%40pbx-9f2c3d4e5a6b7c8d-1a2b3c4d.mp3', 'a84b-4c76@pbx', '9f2c3d4e5a6b7c8d-1a2b3c4d'],
  ])('of rtpengine is known by call id, tag and stream: %s', (path, id, leg) => {
    expect(read(rtpengine, path)).toEqual({ key: { callId: id, leg }, metadata: { call_id: id, leg }, audio: path });
  });
});
