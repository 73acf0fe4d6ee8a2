// The parts of a CompleteMultipartUpload, each checked against the uploaded one.
import { serviceError } from '../call.ts';
import { type Part, sameEtag, type Upload } from './bucket.ts';
import { inside, requestXml, textIn } from './xml.ts';

const LEAST_PART = 5 * 1024 * 1024;

/** The parts in order. Throws S3's error for a part that is missing, too small, or out of order. */
export function partsAsked(upload: Upload, body: Buffer): Part[] {
  const listed = inside(requestXml(body, 'CompleteMultipartUpload'), 'Part');
  if (listed.length === 0) throw serviceError(400, 'MalformedXML', 'at least one part');
  let before = 0;
  const parts = listed.map((xml) => {
    const number = Number(textIn(xml, 'PartNumber'));
    if (number <= before) {
      throw serviceError(400, 'InvalidPartOrder', 'The list of parts was not in ascending order.');
    }
    before = number;
    return partAsked(upload, number, xml);
  });
  for (const part of parts.slice(0, -1)) {
    if (part.bytes.length < LEAST_PART) {
      throw serviceError(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
    }
  }
  return parts;
}

function partAsked({ algorithm, parts }: Upload, number: number, xml: string): Part {
  const part = parts.get(number);
  const invalid = () =>
    serviceError(
      400,
      'InvalidPart',
      "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    );
  if (part === undefined || !sameEtag(textIn(xml, 'ETag') ?? '', part.etag)) throw invalid();
  if (algorithm === null) return part;
  const sum = textIn(xml, `Checksum${algorithm.toUpperCase()}`);
  if (sum === null) {
    const message = `The upload was created using a ${algorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`;
    throw serviceError(400, 'InvalidRequest', message);
  }
  if (sum !== part.checksum?.value) throw invalid();
  return part;
}
