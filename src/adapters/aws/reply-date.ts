// The time in replies of AWS: read before the client, which corrects its own by it and says nothing.

/** Listener for what time a reply says it is, in milliseconds since 1970; HTTP dates have whole seconds. */
export type HeardTime = (time: number) => void;

/** Innermost, where the reply is still HTTP's. */
export const REPLY_DATE_OPTIONS = { step: 'deserialize', name: 'replyDate', priority: 'low' } as const;

/** Client middleware that passes on the `Date` of each reply (RFC 9110, 6.6.1). */
export function replyDate(heard: HeardTime) {
  return <Args extends object, Output extends { readonly response: unknown }>(next: (args: Args) => Promise<Output>) =>
    async (args: Args): Promise<Output> => {
      const result = await next(args);
      const { headers } = result.response as { readonly headers?: Readonly<Record<string, string>> };
      const time = Date.parse(headers?.['date'] ?? '');
      if (!Number.isNaN(time)) heard(time);
      return result;
    };
}
