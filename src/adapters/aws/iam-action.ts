// Which IAM action a refused request needs: told by the service, or by the command that was sent.

/** What each command needs leave for, where it is not an action of the command's own name. */
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

/** In the service's own words; nothing else of them is ever told. */
const ACTION_IN_MESSAGE = /\bnot authorized to perform: ((?:s3|kms):[A-Za-z]{1,64})(?![\w:*])/;

/** The action behind each error of a command that failed. */
const actionOfError = new WeakMap<Error, string>();

/** Middleware of a client, by which its errors can be asked for the action that was needed; `HOW` says where it goes. */
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

/** Outside of everything that a command goes through. */
export const MIDDLEWARE_OPTIONS = { step: 'initialize', name: 'noteAction', priority: 'high' } as const;

/** The action that an error of the SDK says is needed, or null where it does not come from a command. */
export function requiredAction(error: Error): string | null {
  return ACTION_IN_MESSAGE.exec(error.message)?.[1] ?? actionOfError.get(error) ?? null;
}

function actionOf(service: string, commandName: string, input: object): string {
  const command = commandName.replace(/Command$/, '');
  const action = ACTIONS[command] ?? `${service}:${command}`;
  const ofVersion = 'VersionId' in input && input.VersionId !== undefined;
  return ofVersion ? action.replace(/^s3:(Get|Delete)Object$/, '$&Version') : action;
}
