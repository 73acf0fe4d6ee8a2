// English texts of the sign-in page.

export const signIn = {
  title: 'Sign in',
  text: 'Use the passkey of this device, or the link you were given.',
  passkey: 'Sign in with a passkey',
  with_link: 'Your link is being used…',
  asked: 'Sign in with this link?',
  asked_now: 'You are signed in as {{name}}, {{tenant}}.',
  asked_text:
    'The link may belong to another person. If you continue, this browser signs in as that person; you are signed out here, and your listening here ends.',
  keep: 'Keep my sign-in',
  go_on: 'Continue with the link',
  link: 'No passkey yet? Ask your operator for a sign-in link. It works once.',
  link_failed: 'This link does not work',
  link_failed_text: 'It was used before, has expired, or is incomplete. Ask your operator for a new one.',
  passkey_failed: 'The passkey was not accepted',
  passkey_failed_text: 'Nothing was changed. Try again, or use a link.',
  passkey_elsewhere:
    'Passkeys of callvault work at {{home}} only; this page is at {{here}}. Open {{home}}, or use a link.',
  passkey_missing: 'This browser does not support passkeys',
  passkey_missing_text: 'Use a sign-in link, or a browser that supports passkeys.',
  signed_out: 'You are signed out.',
} as const;
