// The passkey once more, just before something that counts.
import { startAuthentication } from '@simplewebauthn/browser';
import { call } from './client.ts';

type Asked = { challenge_id: string; options: Parameters<typeof startAuthentication>[0]['optionsJSON'] };

/** Asks for the person's passkey and has the service look at it. Throws a problem, or what the browser throws. */
export async function stepUp(): Promise<void> {
  const { challenge_id, options } = await call<Asked>('POST', '/v1/step-up/options');
  const response = await startAuthentication({ optionsJSON: options });
  await call('POST', '/v1/step-up', { body: { challenge_id, response } });
}
