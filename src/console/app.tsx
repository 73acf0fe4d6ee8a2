// Root component: theme, cache, notifications and routes.
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Notifications } from '@mantine/notifications';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import type { createConsoleRouter } from './routes.tsx';
import { resolveCssVariables, styleNonce, theme } from './theme/theme.ts';

const schemes = localStorageColorSchemeManager({ key: 'callvault.scheme' });

type Props = { readonly client: QueryClient; readonly router: ReturnType<typeof createConsoleRouter> };

export function App({ client, router }: Props) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolveCssVariables}
      defaultColorScheme="auto"
      colorSchemeManager={schemes}
      getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
        <Messages />
      </QueryClientProvider>
    </MantineProvider>
  );
}

/**
 * Notifications. They appear in the empty part of the navigation, next to the page's controls and never over them; on
 * small screens, over the top bar, and a touch closes them.
 */
function Messages() {
  const narrow = useMediaQuery('(max-width: 900px)');
  return (
    <Notifications
      position={narrow === true ? 'top-center' : 'bottom-left'}
      limit={narrow === true ? 1 : 4}
      pauseResetOnHover="notification"
    />
  );
}
