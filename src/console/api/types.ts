// Types of replies, under the names that the console uses.
import type {
  AccessAnswerBody,
  AccessRequestBody,
  AccessRequestViewBody,
  GrantBody,
  MeBody,
  OneAccessRequestBody,
  PolicyBody,
  RecordingBody,
  SignInBody,
} from '../../http/reply-types.ts';

export type Me = MeBody;
export type Passkey = MeBody['passkeys'][number];
export type SignIn = SignInBody;
export type Policy = PolicyBody;
export type Recording = RecordingBody;
export type Grant = GrantBody;
/** Facts of a request's or a grant's recording; null once it is erased. */
export type RecordingFacts = NonNullable<GrantBody['recording_facts']>;
export type AccessRequest = AccessRequestBody;
export type AccessRequestView = AccessRequestViewBody;
export type OneAccessRequest = OneAccessRequestBody;
export type AccessAnswer = AccessAnswerBody;
export type Check = AccessAnswerBody['checks'][number];
