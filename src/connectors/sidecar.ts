// `NAME.wav` with `NAME.json` beside it in the shared form, as the recipes for Asterisk, FreeSWITCH and rtpengine write it.
import { type CallMetadata, fileName, isAudio, type Layout, metadataOf, recordingOf, withoutEnding } from './layout.ts';
import { epochTime, objectIn } from './values.ts';

/** Recordings with a sidecar. The vault validates its members. */
export const sidecar: Layout = {
  roleOf: (path) => (/\.json$/i.test(path) ? 'metadata' : isAudio(path) ? 'recording' : { why: 'not-a-recording' }),
  besideOf: (path) => [`${withoutEnding(path)}.json`, `${path}.json`],
  read: (path, texts) => {
    const [text] = texts.values();
    if (text === undefined) return { why: 'no-metadata' };
    const found = objectIn(text);
    if (found === null) return { why: 'metadata-unreadable' };
    const { source: _, ...metadata } = found;
    if (typeof metadata['call_id'] !== 'string') return { why: 'no-call-id' };
    return recordingOf(path, metadata as unknown as CallMetadata);
  },
};

/** Asterisk: as `sidecar`, and a recording without one by its UNIQUEID, `[systemname-]<epoch>.<n>` (asterisk.conf). */
export const asterisk: Layout = {
  ...sidecar,
  read: (path, texts) => {
    const found = sidecar.read(path, texts);
    if (!('why' in found) || found.why !== 'no-metadata') return found;
    const name = withoutEnding(fileName(path));
    const unique = /^(?:[\w.-]{1,40}-)?(\d{9,10})\.\d{1,9}$/.exec(name);
    if (unique === null) return { why: 'no-metadata' };
    return recordingOf(path, metadataOf({ call_id: name, started_at: epochTime(unique[1]) }));
  },
};
