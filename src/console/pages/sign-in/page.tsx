// Sign-in page: by the link in the address, which is removed at once, or by a passkey.
import { browserSupportsWebAuthn, startAuthentication, WebAuthnError } from '@simplewebauthn/browser';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { CircleAlert, KeyRound, Link2Off } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson } from '../../api/client.ts';
import { isSamePerson } from '../../api/last-person.ts';
import { isHeld, problemOf } from '../../api/problem.ts';
import { meQuery } from '../../api/queries.ts';
import { setServerTime } from '../../api/server-clock.ts';
import type { Me } from '../../api/types.ts';
import { ErrorCard } from '../../components/error-card.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useTitle } from '../../components/use-title.ts';
import { LanguageSwitch } from '../../shell/language-switch.tsx';
import { Logo } from '../../shell/logo.tsx';
import { SwitchPersonCard } from './switch-person-card.tsx';
import { useSignInLink } from './use-sign-in-link.ts';

type Options = Parameters<typeof startAuthentication>[0]['optionsJSON'];

/** The browser offers callvault's passkeys at another address than this page's: at the host `home`. */
class WrongAddress extends Error {
  readonly home: string;
  constructor(home: string) {
    super();
    this.home = home;
  }
}

function isWrongAddress(error: unknown): boolean {
  return error instanceof WebAuthnError && ['ERROR_INVALID_DOMAIN', 'ERROR_INVALID_RP_ID'].includes(error.code);
}

async function byPasskey(): Promise<Me> {
  const { challenge_id, options } = await fetchJson<{ challenge_id: string; options: Options }>(
    'POST',
    '/v1/sign-in/passkey/options',
  );
  const response = await startAuthentication({ optionsJSON: options }).catch((error: unknown) => {
    throw isWrongAddress(error) ? new WrongAddress(options.rpId ?? '') : error;
  });
  return fetchJson<Me>('POST', '/v1/sign-in/passkey', { body: { challenge_id, response } });
}

export function SignInPage() {
  const { t } = useTranslation('signIn');
  useTitle(t('title'));
  const client = useQueryClient();
  const navigate = useNavigate();
  const { next = '/', out } = useSearch({ from: '/sign-in' });
  const enter = async (me: Me): Promise<void> => {
    if (!isSamePerson(me.principal.id, next)) return;
    client.clear();
    setServerTime(me.now);
    client.setQueryData(meQuery.queryKey, me);
    await navigate({ to: next, replace: true });
  };
  const link = useSignInLink(enter);
  const passkey = useMutation({
    mutationFn: byPasskey,
    onSuccess: (me) => {
      link.discard();
      return enter(me);
    },
  });
  const [supported] = useState(browserSupportsWebAuthn);
  const keep = (): void => {
    link.discard();
    void navigate({ to: next, replace: true });
  };
  return (
    <main className="door" id="main">
      <div className="door-in stack g4">
        <div className="row">
          <span className="brand bare">
            <Logo />
            callvault
          </span>
          <span className="grow" />
          <LanguageSwitch />
        </div>
        {link.unanswered === null ? null : <ErrorCard error={link.unanswered.error} onRetry={link.unanswered.again} />}
        {link.refused !== null ? (
          <StateCard
            icon={Link2Off}
            tone="no"
            title={t('link_failed')}
            requestId={problemOf(link.refused)?.requestId ?? null}
            action={
              link.signedInAs === undefined ? undefined : (
                <button type="button" className="btn s" onClick={keep}>
                  {t('keep')}
                </button>
              )
            }
          >
            {t('link_failed_text')}
          </StateCard>
        ) : null}
        {isHeld(passkey.error) ? <ErrorCard error={passkey.error} onRetry={() => passkey.mutate()} /> : null}
        {passkey.isError && !isHeld(passkey.error) ? (
          <StateCard
            icon={CircleAlert}
            tone="no"
            title={t('passkey_failed')}
            requestId={problemOf(passkey.error)?.requestId ?? null}
          >
            {passkey.error instanceof WrongAddress
              ? t('passkey_elsewhere', { home: passkey.error.home, here: location.hostname })
              : t('passkey_failed_text')}
          </StateCard>
        ) : null}
        {link.awaitsConfirmation && link.signedInAs !== undefined ? (
          <SwitchPersonCard now={link.signedInAs} keep={keep} goOn={link.confirm} />
        ) : (
          <section className="card door-card stack g4">
            <div className="stack g1">
              <h1>{t('title')}</h1>
              <p className="dim" role="status">
                {link.busy ? t('with_link') : out === true ? t('signed_out') : t('text')}
              </p>
            </div>
            {supported ? (
              <button
                type="button"
                className="btn p l"
                disabled={passkey.isPending || link.busy}
                onClick={() => passkey.mutate()}
              >
                <KeyRound className="i" />
                {t('passkey')}
              </button>
            ) : (
              <StateCard bare icon={KeyRound} title={t('passkey_missing')}>
                {t('passkey_missing_text')}
              </StateCard>
            )}
            <p className="mute small">{t('link')}</p>
          </section>
        )}
      </div>
    </main>
  );
}
