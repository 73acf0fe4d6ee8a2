// Types of replies, under the names that the console uses.
import type {
  AccessAnswerBody,
  AccessRequestBody,
  AccessRequestViewBody,
  GrantBody,
  MeBody,
  OneAccessRequestBody,
  OneRecordingBody,
  PolicyBody,
  RecordingBody,
  RecordingChangeBody,
  SignInBody,
} from '../../http/reply-types.ts';

export type Me = MeBody;
export type Passkey = MeBody['passkeys'][number];
export type SignIn = SignInBody;
export type Policy = PolicyBody;
export type Recording = RecordingBody;
/** A recording on its own page, with what lists leave out. */
export type OneRecording = OneRecordingBody;
export type RecordingChange = RecordingChangeBody;
export type FactChange = RecordingChange['facts'][number];
export type Grant = GrantBody;
/** Facts of a request's or a grant's recording; null once it is erased. */
export type RecordingFacts = NonNullable<GrantBody['recording_facts']>;
export type AccessRequest = AccessRequestBody;
/** A request in a list. */
export type ListedRequest = AccessRequestViewBody;
export type AccessRequestView = Omit<ListedRequest, 'same_number'>;
export type OneAccessRequest = OneAccessRequestBody;
export type AccessAnswer = AccessAnswerBody;
export type Check = AccessAnswerBody['checks'][number];
