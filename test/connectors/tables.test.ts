// Archives described by the operator: patterns of file names, manifests, and times of a wall clock.
import { describe, expect, it } from 'vitest';
import { fileNameLayout } from '../../src/connectors/file-name.ts';
import { manifestLayout, manifestRow, mappedColumns, namedColumns } from '../../src/connectors/manifest.ts';
import { wallClockTime } from '../../src/connectors/wall-clock.ts';

const read = (pattern: string, path: string, zone = 'UTC') => fileNameLayout(pattern, zone).read(path, new Map());

describe('a pattern of file names', () => {
  it('names the call, its start and its fields', () => {
    const pattern =
      '^(?<year>\\d{4})/(?<month>\\d\\d)/(?<day>\\d\\d)/(?<hour>\\d\\d)(?<minute>\\d\\d)_(?<direction>in|out)_(?<agent>[^_]*)_(?<from>\\+?\\d+)_(?<call_id>[^_]+)_(?<field_branch>\\w+)\\.wav$';
    expect(read(pattern, '2026/03/02/0915_in_Li Wen_+442079460123_c-17_west.wav', 'Asia/Shanghai')).toEqual({
      key: { callId: 'c-17', leg: '0' },
      metadata: {
        call_id: 'c-17',
        agent: 'Li Wen',
        from: '+442079460123',
        started_at: '2026-03-02T01:15:00.000Z',
        direction: 'inbound',
        fields: { branch: 'west' },
      },
      audio: '2026/03/02/0915_in_Li Wen_+442079460123_c-17_west.wav',
    });
  });

  it.each([
    ['(?<started>\\d{8}-\\d{6})-(?<call_id>\\d+)', '20260302-091504-7.wav', '2026-03-02T09:15:04.000Z'],
    ['(?<started>\\d{14})(?<call_id>x\\d+)', '20260302091504x7.wav', '2026-03-02T09:15:04.000Z'],
    ['(?<epoch>\\d{10})\\.(?<call_id>\\d+)', '1772442904.7.wav', '2026-03-02T09:15:04.000Z'],
    // What is no time stays: the vault rejects the call instead of storing it without its start.
    ['(?<started>\\d{8}-\\d{6})-(?<call_id>\\d+)', '20261302-091504-7.wav', '20261302-091504'],
    ['(?<year>\\d{4})(?<month>\\d\\d)-(?<call_id>\\d+)', '202603-7.wav', '2026-03-00-00-00-00'],
    ['(?<epoch>\\d+)-(?<call_id>\\d+)', '0-7.wav', '0'],
  ])('%s finds the start in %s', (pattern, path, started) => {
    expect(read(pattern, path)).toMatchObject({ metadata: { started_at: started } });
  });

  it('finds no start where the path names none', () => {
    const found = read('(?<started>\\d{8}-\\d{6})?_(?<call_id>\\d+)_(?<field_cost_centre>\\w+)\\.wav', '_7_west.wav');
    expect(found).toMatchObject({ metadata: { call_id: '7', fields: { 'cost-centre': 'west' } } });
    expect(found).not.toHaveProperty('metadata.started_at');
  });

  it('reports what it does not match', () => {
    expect(read('^(?<call_id>\\d+)\\.wav$', 'x.wav')).toEqual({ why: 'no-call-id' });
    expect(read('(?<call_id>\\d*)x', 'x.wav')).toEqual({ why: 'no-call-id' });
    expect(read('(?<call_id>\\d+)', `${'1'.repeat(2_000)}.wav`)).toEqual({ why: 'no-call-id' });
    expect(fileNameLayout('(?<call_id>.+)', 'UTC').roleOf('notes.txt')).toEqual({ why: 'not-a-recording' });
  });

  it.each(['(', '(?<agent>.*)', '(?<call_id>.*)(?<numbr>.*)', '(?<call_id>.*)(?=x)'])('%s is malformed', (pattern) => {
    expect(() => fileNameLayout(pattern, 'UTC')).toThrow(expect.objectContaining({ code: 'malformed' }));
  });
});

describe('a manifest', () => {
  const header = [
    'file',
    'call_id',
    'leg',
    'started_at',
    'from',
    'field.branch',
    'basis',
    'basis_evidence',
    'transcript',
    'language',
    'duration_ms',
  ];

  it('with names of the API describes calls and their transcripts', () => {
    const columns = namedColumns(header);
    const row = manifestRow(columns, {
      ...{ file: '.\\a\\1.wav', call_id: 'c-1', leg: '', started_at: '2026-03-02T09:15:04Z', from: ' 020 ' },
      ...{
        'field.branch': 'west',
        basis: 'contract',
        basis_evidence: 'see file',
        transcript: 'a/1.vtt',
        language: 'en',
      },
    });
    const { layout, named } = manifestLayout(row === null ? [] : [row]);
    expect([...named]).toEqual([
      ['a/1.wav', 'recording'],
      ['a/1.vtt', 'transcript'],
    ]);
    expect(layout.read('a/1.wav', new Map())).toEqual({
      key: { callId: 'c-1', leg: '0' },
      metadata: {
        ...{
          call_id: 'c-1',
          started_at: '2026-03-02T09:15:04Z',
          from: '020',
          language: 'en',
          fields: { branch: 'west' },
        },
        basis: { kind: 'contract', evidence: 'see file' },
      },
      audio: 'a/1.wav',
    });
    expect(layout.read('a/1.vtt', new Map())).toEqual({
      key: { callId: 'c-1', leg: '0' },
      transcript: { path: 'a/1.vtt', language: 'en' },
    });
    expect(layout.roleOf('a/2.wav')).toEqual({ why: 'not-in-manifest' });
  });

  it('with other columns is mapped: names, forms of times, tables of values', () => {
    const mapping = {
      file: 'Path',
      call_id: 'Id',
      started_at: { column: 'Begin', time: 'local', zone: 'Asia/Shanghai' },
      direction: { column: 'Dir', values: { I: 'inbound', O: 'outbound' } },
      'field.branch': 'Branch',
    };
    const columns = mappedColumns(mapping, ['Path', 'Id', 'Begin', 'Dir', 'Branch', 'Other']);
    const row = manifestRow(columns, { Path: '1.wav', Id: '1', Begin: '2026-03-02 09:15:04', Dir: 'O', Branch: '' });
    expect(row?.metadata).toEqual({ call_id: '1', started_at: '2026-03-02T01:15:04.000Z', direction: 'outbound' });
    const strange = manifestRow(columns, { Path: '1.wav', Id: '1', Begin: 'yesterday', Dir: 'X', Branch: 'w' });
    expect(strange?.metadata).toEqual({
      call_id: '1',
      started_at: 'yesterday',
      direction: 'X',
      fields: { branch: 'w' },
    });
    const unix = (time: string, text: string) =>
      manifestRow(mappedColumns({ file: 'f', call_id: 'c', started_at: { column: 't', time } }, ['f', 'c', 't']), {
        ...{ f: '1', c: '1', t: text },
      })?.metadata.started_at;
    expect([unix('unix', '1772442904.5'), unix('unix-ms', '1772442904500'), unix('unix', 'x')]).toEqual([
      ...['2026-03-02T09:15:04.500Z', '2026-03-02T09:15:04.500Z', 'x'],
    ]);
  });

  it('of rows that lack a file or a call, or share a file, reports them', () => {
    const columns = namedColumns(['file', 'call_id']);
    expect(manifestRow(columns, { file: '', call_id: '1' })).toBeNull();
    expect(manifestRow(columns, { file: '1.wav', call_id: ' ' })).toBeNull();
    const rows = ['1', '2'].flatMap((id) => manifestRow(columns, { file: '1.wav', call_id: id }) ?? []);
    expect(manifestLayout(rows).layout.roleOf('1.wav')).toEqual({ why: 'named-twice' });
  });

  it.each<[string, () => unknown, string]>([
    ['an unknown column', () => namedColumns(['file', 'recorded', 'phone']), 'column 3 of the manifest is unknown'],
    ['no column of files', () => namedColumns(['call_id']), 'the manifest needs a column file'],
    ['a mapping that is a list', () => mappedColumns([], ['a']), 'the mapping must be an object'],
    ['a mapping of an unknown name', () => mappedColumns({ phone: 'a' }, ['a']), 'an unknown name phone'],
    [
      'a mapping to an unknown column',
      () => mappedColumns({ file: 'a', call_id: 'secret' }, ['a']),
      'the manifest does not have the column that the mapping names for call_id',
    ],
    [
      'a local time without a zone',
      () => mappedColumns({ file: 'a', call_id: { column: 'a', time: 'local' } }, ['a']),
      'call_id needs a column',
    ],
    [
      'values that are a list',
      () => mappedColumns({ file: 'a', call_id: { column: 'a', values: ['x'] } }, ['a']),
      'call_id needs a column',
    ],
    [
      'an unknown zone',
      () => mappedColumns({ file: 'a', call_id: { column: 'a', time: 'local', zone: 'Mars' } }, ['a']),
      'call_id needs a column',
    ],
  ])('with %s is malformed', (_, made, message) => {
    expect(made).toThrow(expect.objectContaining({ code: 'malformed', message: expect.stringContaining(message) }));
    expect(made).not.toThrow(/secret/);
  });
});

describe('a time of a wall clock', () => {
  it.each([
    ['2026-07-01 12:00:00', 'Europe/Berlin', '2026-07-01T10:00:00.000Z'],
    ['2026-03-29 03:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
    ['2026-10-25 04:00:00', 'Europe/Berlin', '2026-10-25T03:00:00.000Z'],
    ['20260101T000000', 'Pacific/Auckland', '2025-12-31T11:00:00.000Z'],
    ['2026-02-30 00:00', 'UTC', undefined],
    ['2026-01-01 24:00', 'UTC', undefined],
    ['2026-01-01', 'UTC', undefined],
  ])('%s in %s is %s', (text, zone, time) => {
    expect(wallClockTime(text, zone)).toBe(time);
  });
});
