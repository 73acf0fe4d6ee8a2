// Mantine theme from the console's design tokens: colours, radius, type, with variables mapped to --cv-*.
import { type CSSVariablesResolver, createTheme } from '@mantine/core';

const NO_BANNER = { header: { role: 'presentation' } };

export const theme = createTheme({
  primaryColor: 'jade',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  respectReducedMotion: true,
  defaultRadius: 6,
  fontFamily: 'var(--cv-font)',
  fontFamilyMonospace: 'var(--cv-mono)',
  fontSizes: {
    xs: 'var(--cv-fs-12)',
    sm: 'var(--cv-fs-13)',
    md: 'var(--cv-fs-14)',
    lg: 'var(--cv-fs-16)',
    xl: 'var(--cv-fs-20)',
  },
  headings: { fontWeight: '600' },
  colors: {
    jade: [
      ...(['#e5f3f0', '#cbe7e1', '#a9d5cd', '#64d3bf', '#43c3ad'] as const),
      ...(['#1fa08d', '#128073', '#0b6e63', '#085a51', '#06231e'] as const),
    ],
  },
  components: {
    Menu: { defaultProps: { shadow: 'md', transitionProps: { duration: 120 }, offset: 6 } },
    MenuRadioItem: { defaultProps: { closeMenuOnClick: true } },
    Popover: { defaultProps: { shadow: 'md', transitionProps: { duration: 120 }, offset: 6 } },
    // A dialog's heading must not be a banner landmark.
    Modal: { defaultProps: { centered: true, radius: 10, transitionProps: { duration: 120 }, attributes: NO_BANNER } },
    Drawer: { defaultProps: { attributes: NO_BANNER } },
    Checkbox: { defaultProps: { size: 'xs' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', withCheckIcon: true } },
  },
});

const variables = {
  '--mantine-color-body': 'var(--cv-bg)',
  '--mantine-color-text': 'var(--cv-text)',
  '--mantine-color-dimmed': 'var(--cv-text-2)',
  '--mantine-color-placeholder': 'var(--cv-text-3)',
  '--mantine-color-error': 'var(--cv-no)',
  '--mantine-color-default': 'var(--cv-surface)',
  '--mantine-color-default-hover': 'var(--cv-hover)',
  '--mantine-color-default-color': 'var(--cv-text)',
  '--mantine-color-default-border': 'var(--cv-line)',
  '--mantine-color-anchor': 'var(--cv-accent)',
  '--mantine-shadow-md': 'var(--cv-shadow-pop)',
};

/** Both colour schemes use the same names: the tokens switch between light and dark. */
export const resolveCssVariables: CSSVariablesResolver = () => ({ variables: {}, light: variables, dark: variables });

/** Nonce for styles that scripts create, from the server's page. */
export function styleNonce(): string {
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
  return nonce === '__CSP_NONCE__' ? '' : nonce;
}
