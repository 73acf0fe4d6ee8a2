// Entry point of the console: trusted types first, then the link's secret, then language and pages.
import './theme/styles.css';
import { createRoot } from 'react-dom/client';
import { watchPresence } from './api/presence.ts';
import { createQueryClient } from './api/query-client.ts';
import { App } from './app.tsx';
import { startLanguage } from './i18n/language.ts';
import { takeLinkSecret } from './pages/sign-in/link-secret.ts';
import { createConsoleRouter } from './routes.tsx';
import { styleNonce } from './theme/theme.ts';
import { installTrustedTypes } from './theme/trusted-types.ts';

installTrustedTypes();
// The library that blocks scrolling behind a dialog reads its nonce here.
Object.assign(globalThis, { __webpack_nonce__: styleNonce() });
takeLinkSecret();
// Pasting a link over the sign-in page's own address does not reload the page.
addEventListener('hashchange', takeLinkSecret);
watchPresence(window);

const client = createQueryClient(() => {
  // The sign-in page is the only page that works without a signed-in person.
  if (location.pathname === '/sign-in') return;
  client.clear();
  void router.navigate({ to: '/sign-in', search: { next: location.pathname + location.search }, replace: true });
});
const router = createConsoleRouter(client);

await startLanguage();
const root = document.querySelector('#root');
if (root !== null) createRoot(root).render(<App client={client} router={router} />);
