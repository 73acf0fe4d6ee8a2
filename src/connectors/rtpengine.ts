// rtpengine's recording daemon (rtpengine-recording(8)): its default file names `%c-%r-%t`, and its notification's headers.
import { fileName, isAudio, type Layout, metadataOf, recordingOf, withoutEnding } from './layout.ts';
import { sidecar } from './sidecar.ts';
import { percentDecoded } from './values.ts';

/** The call id, the random tag of a recording of it, and `mix` or the stream's SSRC. */
const NAME = /^(.+)-([0-9a-f]{8,32})-(mix|[0-9a-f]{1,8})$/i;

/** Recordings of the daemon, with the sidecar that the recipe writes, or by name alone. */
export const rtpengine: Layout = {
  ...sidecar,
  read: (path, texts) => {
    const found = sidecar.read(path, texts);
    if (!('why' in found) || found.why !== 'no-metadata') return found;
    const named = isAudio(path) ? NAME.exec(withoutEnding(fileName(path))) : null;
    if (named === null) return { why: 'no-metadata' };
    const [, call = '', tag = '', stream = ''] = named;
    return recordingOf(path, metadataOf({ call_id: percentDecoded(call), leg: legOf(tag, stream) }));
  },
};

/** A call id may be recorded again, so the tag is part of the key. */
function legOf(tag: string, stream: string): string {
  return stream.toLowerCase() === 'mix' ? tag : `${tag}-${stream}`;
}
