// Types of i18next keys, from the English catalogue.
import type { english } from '../../messages/en/all.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'shell';
    resources: typeof english;
  }
}
