// Genesys Cloud's exported recordings, copied from the bucket: help.mypurecloud.com, "Working with exported recordings".
import { fileName, isAudio, type Layout, metadataOf, recordingOf, withoutEnding } from './layout.ts';
import { idsDiffer, objectIn, partyOf, rfc3339, textOf, textsOf } from './values.ts';

/** `conversation_id=<id>`; copies exist whose `=` was lost. */
const CONVERSATION = /(?:^|\/)conversation_id=?([0-9a-f]{8}-[0-9a-f-]{27})\//i;
const METADATA = /_metadata\.json$/i;
/** Screen recordings and messages are exported into the same folders. */
const OTHER_MEDIA = /\.(?:webm|mkv|avi|html?|eml|msg|pdf|png|jpe?g)$/i;

/** Folders `<org>/year=/month=/day=/hour=/conversation_id=<id>/` with `<recording>.<ext>` and its metadata. */
export const genesysExport: Layout = {
  roleOf: (path) => {
    if (METADATA.test(path)) return 'metadata';
    if (OTHER_MEDIA.test(path)) return { why: 'not-audio' };
    return isAudio(path) && CONVERSATION.test(path) ? 'recording' : { why: 'not-a-recording' };
  },
  // `<id>.<ext>_metadata.json`; for Opus in Ogg also `<id>.opus_metadata.json`.
  besideOf: (path) => [
    `${path}_metadata.json`,
    `${withoutEnding(path)}_metadata.json`,
    `${withoutEnding(path)}.opus_metadata.json`,
  ],
  read: (path, texts) => {
    const [text] = texts.values();
    if (text === undefined) return { why: 'no-metadata' };
    const about = objectIn(text);
    if (about === null) return { why: 'metadata-unreadable' };
    const [recording, folder] = [withoutEnding(fileName(path)), CONVERSATION.exec(path)?.[1]];
    const conversation = textOf(about, 'conversationId') ?? folder;
    if (conversation === undefined) return { why: 'no-call-id' };
    // An id in one place only is that of the folder or file; two must agree.
    if (idsDiffer(conversation, folder) || idsDiffer(textOf(about, 'recordingId', 'id'), recording))
      return { why: 'metadata-differs' };
    const media = textOf(about, 'mediaType', 'media')?.toLowerCase();
    if (media !== undefined && !['call', 'audio', 'voice', 'callback'].includes(media)) return { why: 'not-audio' };
    const users = textsOf(about, 'userIds');
    const direction = textOf(about, 'initialDirection', 'originatingDirection', 'direction')?.toLowerCase();
    return recordingOf(
      path,
      metadataOf({
        ...{ call_id: conversation.toLowerCase(), leg: recording, interaction: conversation.toLowerCase() },
        started_at: rfc3339(textOf(about, 'startTime')),
        direction: direction === 'inbound' || direction === 'outbound' ? direction : undefined,
        from: partyOf(textOf(about, 'ani')),
        to: partyOf(textOf(about, 'dnis')),
        agent: users[0],
        queue: textsOf(about, 'queueIds')[0],
        fields: fieldsOf({
          'media-subtype': textOf(about, 'mediaSubtype')?.toLowerCase(),
          provider: textOf(about, 'provider', 'providerType'),
          'other-agents': users.length > 1 ? users.slice(1, 6).join(' ') : undefined,
        }),
      }),
    );
  },
};

function fieldsOf(given: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const known = Object.entries(given).filter((one): one is [string, string] => one[1] !== undefined);
  return Object.fromEntries(known);
}
