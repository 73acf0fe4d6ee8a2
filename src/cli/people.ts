// Commands that add people, operators and services, create sign-in links and deactivate principals.
import { type Command, Option } from 'commander';
import { VaultError } from '../errors.ts';
import type { PeopleBody } from '../model/change/people.ts';
import { changeByCommand } from '../vault/changes/by-command.ts';
import { planImport } from '../vault/changes/people-import.ts';
import { addOperatorByCommand } from '../vault/commands/add-operator.ts';
import { addServiceByCommand } from '../vault/commands/add-service.ts';
import { createLinkByCommand } from '../vault/commands/create-link.ts';
import { DEPLOYMENT } from '../vault/core/events/events.ts';
import { nameKey, openName } from '../vault/core/personal/names.ts';
import { DEPLOYMENT_ROLES, type DeploymentRole } from '../vault/people/add-operator.ts';
import { deactivatePrincipal } from '../vault/people/deactivate.ts';
import { linkAt, type NewLink } from '../vault/sign-in/links.ts';
import { wholeNumber } from './support/options.ts';
import { readText } from './support/read-text.ts';
import {
  addCarryOutOptions,
  addDeploymentOptions,
  addSecondPersonOptions,
  type CarryOutCliOptions,
  carryOutOrWait,
  commandOptions,
  printOutcome,
  requireNoReason,
  type SecondPersonOptions,
} from './support/second-person.ts';
import { consoleUrl, printJson, withVault, withVaultToRead } from './support/with-vault.ts';

type Options = {
  readonly tenant: string;
  readonly role: readonly string[];
  readonly owner?: readonly string[];
  readonly trainedUntil?: string;
};

type ImportOptions = { readonly tenant: string; readonly file: string; readonly preview?: true };

type OperatorOptions = CarryOutCliOptions & { readonly role: DeploymentRole };

type LinkOptions = { readonly tenant: string; readonly minutes: string; readonly replacePasskeys?: true };

const addPerson = (name: string, options: Options & SecondPersonOptions) =>
  withVault(async (vault, by, request) => {
    const person = { name, roles: options.role, trained_until: options.trainedUntil };
    const wanted = { kind: 'people', people: [person] } as const;
    const how = commandOptions('people add', options);
    const outcome = await changeByCommand(vault, by, options.tenant, wanted, how, request);
    const [id] = outcome.body.kind === 'people' ? outcome.body.add.map((one) => one.id) : [];
    await printOutcome(vault, outcome, options, { id }, { id });
  });

const importPeople = (options: ImportOptions & SecondPersonOptions) =>
  withVault(async (vault, by, request) => {
    const { tenant, file } = options;
    const { lines, people } = await planImport(vault, tenant, await readText(file, 'the table'), request);
    const faulty = lines.filter(({ faults }) => faults.length > 0);
    for (const line of options.preview === true ? lines : faulty) printJson(line);
    if (faulty.length > 0)
      throw new VaultError(
        'malformed',
        `${faulty.length} of ${lines.length} lines are not possible: nothing is changed`,
      );
    if (options.preview === true) return;
    if (people.length === 0) throw new VaultError('conflict', 'the table changes nothing');
    const how = commandOptions('people import', options);
    const outcome = await changeByCommand(vault, by, tenant, { kind: 'people', people }, how, request);
    const { add, change = [] } = outcome.body as PeopleBody;
    const said = { added: add.map(({ id }) => id), changed: change.map(({ id }) => id) };
    await printOutcome(vault, outcome, options, said, said);
  });

const addService = (name: string, options: Options & CarryOutCliOptions) =>
  withVault((vault, by) => {
    const { tenant, role: roles, owner: owners = [] } = options;
    return carryOutOrWait(
      vault,
      'services add',
      options,
      (how, request) => addServiceByCommand(vault, by, { tenant, name, roles, owners }, how, request),
      ({ service }) => ({ id: service }),
      (id) => printJson({ id }),
    );
  });

const linkPerson = (person: string, options: LinkOptions & CarryOutCliOptions) =>
  withVault(async (vault, by, _request, config) => {
    const url = consoleUrl(config);
    const minutes = wholeNumber(options.minutes, '--minutes', 1);
    const replacePasskeys = options.replacePasskeys === true;
    const whom = { tenant: options.tenant, principal: person, minutes, replacePasskeys };
    const print = ({ id, secret, expires }: NewLink): void => printJson({ id, link: linkAt(url, secret), expires });
    if (whom.tenant === DEPLOYMENT) requireNoReason(options);
    await carryOutOrWait(
      vault,
      'people link',
      options,
      (how, within) => createLinkByCommand(vault, by, whom, how, within),
      ({ link }) => ({ id: link }),
      ({ link }) => print(link),
    );
  });

/** Registers `callvault people`. */
export function peopleCommands(program: Command): void {
  const people = program.command('people').description('people of a tenant, and operators');
  const addCommand = people
    .command('add <name>')
    .description('add a person, once the tenant’s admin or another operator confirms')
    .requiredOption('--tenant <id>', 'id of the tenant')
    .requiredOption('--role <role...>', 'reviewer, supervisor, privacy, auditor, admin')
    .option('--trained-until <day>', 'the last day on which the person’s training counts, such as 2027-03-31');
  addSecondPersonOptions(addCommand).action(addPerson);
  const importCommand = people
    .command('import')
    .description('add and change people from a CSV file, once the tenant’s admin or another operator confirms')
    .requiredOption('--tenant <id>', 'id of the tenant')
    .requiredOption('--file <path>', 'columns: id (of a person to change), name, roles, trained_until')
    .option('--preview', 'print what each line would do, and do nothing');
  addSecondPersonOptions(importCommand).action(importPeople);
  people
    .command('list')
    .description('list the people and services of a tenant, or the operators, with their ids')
    .requiredOption('--tenant <id>', 'the tenant, or “deployment” for operators')
    .action(({ tenant }: { readonly tenant: string }) =>
      withVaultToRead(async (vault, _by, request) => {
        const key = await nameKey(vault, tenant, request);
        for (const one of await vault.db.read((rows) => rows.principals.all(tenant), request)) {
          const { id, kind, roles, state, created, trainedUntil } = one;
          const trained = trainedUntil === null ? {} : { trained_until: trainedUntil };
          printJson({ id, kind, name: openName(key, one), roles: roles.join(','), state, created, ...trained });
        }
      }),
    );
  addCarryOutOptions(
    people
      .command('link <person>')
      .description('create a one-time sign-in link, once a second person confirms; it is printed once and never stored')
      .requiredOption('--tenant <id>', 'the tenant, or “deployment” for an operator')
      .option('--minutes <minutes>', 'minutes until it expires', '15')
      .option('--replace-passkeys', 'remove lost passkeys of the person and end their sign-ins'),
  ).action(linkPerson);
  people
    .command('off <id>')
    .description('deactivate a person or service: ends sign-ins, API keys and links')
    .requiredOption('--tenant <id>', 'the tenant, or “deployment” for an operator')
    .action((id: string, { tenant }: { readonly tenant: string }) =>
      withVault(async (vault, by, request) => {
        printJson({ id, state: 'OFF', sign_ins_ended: await deactivatePrincipal(vault, by, tenant, id, request) });
      }),
    );
}

/** Registers `callvault operators`. */
export function operatorCommands(program: Command): void {
  const add = program
    .command('operators')
    .description('operators and auditors of the deployment, who sign in to the console')
    .command('add <code>')
    .description('add an operator or an auditor by staff code, never a name, once another operator confirms')
    .addOption(
      new Option('--role <role>', 'an auditor reads the deployment’s log, and nothing else')
        .choices(DEPLOYMENT_ROLES)
        .default('operator'),
    );
  addDeploymentOptions(add).action((code: string, options: OperatorOptions) =>
    withVault((vault, by) =>
      carryOutOrWait(
        vault,
        'operators add',
        options,
        (how, request) => addOperatorByCommand(vault, by, { code, role: options.role }, how, request),
        ({ person }) => ({ id: person }),
        (id) => printJson({ id }),
      ),
    ),
  );
}

/** Registers `callvault services`. */
export function serviceCommands(program: Command): void {
  const add = program
    .command('services')
    .description('services of a tenant: telephony platforms, and SIEMs that read the log')
    .command('add <name>')
    .description('add a service; one that reads the log once a second person confirms')
    .requiredOption('--tenant <id>', 'id of the tenant')
    .requiredOption('--owner <person...>', 'ids of the people responsible for it')
    .option('--role <role...>', 'uploader, lists to send call lists alone, or auditor to read the log', ['uploader']);
  addCarryOutOptions(add).action(addService);
}
