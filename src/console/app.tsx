// The console: theme, cache, messages and routes around one another.
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Notifications } from '@mantine/notifications';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import type { createConsoleRouter } from './routes.tsx';
import { cssVariables, styleNonce, theme } from './theme/theme.ts';

const schemes = localStorageColorSchemeManager({ key: 'callvault.scheme' });

type Props = { readonly client: QueryClient; readonly router: ReturnType<typeof createConsoleRouter> };

export function App({ client, router }: Props) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
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

/** At the foot of the page; on small screens at its top, where no thumb is and no transport. */
function Messages() {
  const narrow = useMediaQuery('(max-width: 900px)');
  return (
    <Notifications
      position={narrow === true ? 'top-center' : 'bottom-right'}
      limit={4}
      pauseResetOnHover="notification"
    />
  );
}
