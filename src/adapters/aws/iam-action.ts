// The IAM action that a denied request needs: from the service's message, or from the command.

/** Actions of commands whose name differs from the action's. */
const ACTIONS: Readonly<Record<string, string>> = {
  CompleteMultipartUpload: 's3:PutObject',
  CreateMultipartUpload: 's3:PutObject',
  HeadBucket: 's3:ListBucket',
  HeadObject: 's3:GetObject',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
  ListObjectVersions: 's3:ListBucketVersions',
  ListObjectsV2: 's3:ListBucket',
  ReEncrypt: 'kms:ReEncryptFrom',
  UploadPart: 's3:PutObject',
};

/** Finds the action in the service's message; nothing else of the message is used. */
const ACTION_IN_MESSAGE = /\bnot authorized to perform: ((?:s3|kms):[A-Za-z]{1,64})(?![\w:*])/;

/** The denied action of each failed command's error. */
const actionOfError = new WeakMap<Error, string>();

/** Client middleware that records the action on each error; `HOW` is its position in the stack. */
export function recordAction(service: 's3' | 'kms') {
  return <Args extends { readonly input: object }, Output>(
    next: (args: Args) => Promise<Output>,
    { commandName = '' }: { readonly commandName?: string },
  ) =>
    async (args: Args): Promise<Output> => {
      try {
        return await next(args);
      } catch (error) {
        if (error instanceof Error) actionOfError.set(error, actionOf(service, commandName, args.input));
        throw error;
      }
    };
}

/** Outermost, around everything else that a command passes. */
export const MIDDLEWARE_OPTIONS = { step: 'initialize', name: 'noteAction', priority: 'high' } as const;

/** The action that an SDK error says is needed; null where the error is not from a command. */
export function requiredAction(error: Error): string | null {
  return ACTION_IN_MESSAGE.exec(error.message)?.[1] ?? actionOfError.get(error) ?? null;
}

function actionOf(service: string, commandName: string, input: object): string {
  const command = commandName.replace(/Command$/, '');
  const action = ACTIONS[command] ?? `${service}:${command}`;
  const ofVersion = 'VersionId' in input && input.VersionId !== undefined;
  return ofVersion ? action.replace(/^s3:(Get|Delete)Object$/, '$&Version') : action;
}
