// Amazon Connect's bucket, copied to disk: recordings of calls, and transcripts of Contact Lens.
import { isAudio, type Layout, metadataOf, recordingOf } from './layout.ts';
import { idsDiffer, membersOf, objectIn, rfc3339, textOf } from './values.ts';

const ID = '([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})';
/** Some systems replace the colon of the time when a bucket is copied. */
const CALL = new RegExp(
  `(?:^|/)CallRecordings/\\d{4}/\\d{2}/\\d{2}/${ID}_(\\d{4})(\\d{2})(\\d{2})T(\\d{2})(?::|%3A|[_.-])?(\\d{2})_UTC\\.\\w+$`,
  'i',
);
const ANALYSIS = new RegExp(`(?:^|/)Analysis/Voice/(?:.*/)?${ID}_analysis_[^/]*\\.json$`, 'i');
const REDACTED = /(?:^|\/)Analysis\/[^/]+\/Redacted\/|_redacted_/i;
const OTHER_MEDIA = /(?:^|\/)(?:ScreenRecordings|ChatTranscripts|EmailMessages|Analysis\/(?:Chat|Email))\//i;

/** `…/CallRecordings/y/m/d/<contact>_<time>_UTC.wav`, `…/Analysis/Voice/y/m/d/<contact>_analysis_<time>.json`. */
export const amazonConnect: Layout = {
  roleOf: (path) => {
    if (REDACTED.test(path)) return { why: 'redacted-copy' };
    if (OTHER_MEDIA.test(path)) return { why: 'not-audio' };
    if (ANALYSIS.test(path)) return 'transcript';
    return isAudio(path) && CALL.test(path) ? 'recording' : { why: 'not-a-recording' };
  },
  besideOf: (path) => (ANALYSIS.test(path) ? [path] : []),
  read: (path, texts) => {
    const transcript = ANALYSIS.exec(path)?.[1]?.toLowerCase();
    if (transcript !== undefined) return transcriptIn(path, transcript, texts.get(path));
    const found = CALL.exec(path);
    if (found === null) return { why: 'not-a-recording' };
    const [, contact = '', year, month, day, hour, minute] = found;
    // The time is that of the recording, to the minute: an agent joined then. The contact began before.
    const started = rfc3339(`${year}-${month}-${day}T${hour}:${minute}:00Z`);
    return recordingOf(path, metadataOf({ call_id: contact.toLowerCase(), started_at: started }));
  },
};

function transcriptIn(path: string, contact: string, text: string | undefined): ReturnType<Layout['read']> {
  const about = objectIn(text);
  if (about === null || !Array.isArray(about['Transcript'])) return { why: 'metadata-unreadable' };
  if (idsDiffer(textOf(membersOf(about, 'CustomerMetadata'), 'ContactId'), contact)) return { why: 'metadata-differs' };
  if (textOf(membersOf(about, 'ContentMetadata'), 'Output')?.toLowerCase() === 'redacted')
    return { why: 'redacted-copy' };
  const language = textOf(about, 'LanguageCode');
  if (language === undefined) return { why: 'no-language' };
  return { key: { callId: contact, leg: '0' }, transcript: { path, language } };
}
