/** The running tenant: items by id in memory, and the changes since the last write to the store. */
import { SimulatorError } from './errors.js';
import type { Item, Store } from './store.js';
import {
  type ChannelMessage,
  type Comment,
  type Device,
  type DirectoryAudit,
  type Email,
  type FileProfile,
  type Group,
  type Indicator,
  type Investigation,
  type Machine,
  type MachineAction,
  type Mailbox,
  parseTenant,
  type RecordedQuery,
  type RiskDetection,
  type SecurityIncident,
  type ServicePrincipal,
  type SimulatedIncident,
  type Task,
  type TenantState,
  type User,
} from './tenant.js';

/** The id of an item. Names of ARM resources and hashes are compared without case. */
const IDENTITY = {
  users: (user: User) => user.id,
  directoryAudits: (audit: DirectoryAudit) => audit.id,
  groups: (group: Group) => group.id.toLowerCase(),
  riskDetections: (detection: RiskDetection) => detection.id,
  domains: ({ id }: TenantState['domains'][number]) => id.toLowerCase(),
  mailboxes: (mailbox: Mailbox) => mailbox.id,
  emails: (email: Email) => `${email.networkMessageId}/${email.recipientEmailAddress}`.toLowerCase(),
  emailPostDeliveryEvents: ({ id }: TenantState['emailPostDeliveryEvents'][number]) => id,
  emailRemediations: ({ id }: TenantState['emailRemediations'][number]) => id,
  urlClicks: ({ id }: TenantState['urlClicks'][number]) => id,
  servicePrincipals: (app: ServicePrincipal) => app.id.toLowerCase(),
  applications: ({ id }: TenantState['applications'][number]) => id.toLowerCase(),
  permissionGrants: ({ id }: TenantState['permissionGrants'][number]) => id,
  devices: (device: Device) => device.id,
  machines: (machine: Machine) => machine.id,
  machineActions: (action: MachineAction) => action.id,
  investigations: (investigation: Investigation) => investigation.id,
  indicators: (indicator: Indicator) => indicator.id,
  files: (file: FileProfile) => file.sha1,
  prevalence: ({ of }: TenantState['prevalence'][number]) => of.toLowerCase(),
  incidents: (incident: SimulatedIncident) => incident.name.toLowerCase(),
  tasks: ({ incident, name }: Task) => `${incident}/${name}`.toLowerCase(),
  comments: (comment: Comment) => `${comment.incident}/${comment.name}`.toLowerCase(),
  securityIncidents: (incident: SecurityIncident) => incident.id,
  queries: (query: RecordedQuery) => query.name,
  geodata: (geodata: TenantState['geodata'][number]) => geodata.ipAddr,
  teams: (team: TenantState['teams'][number]) => team.id,
  channelMessages: (message: ChannelMessage) => message.id,
  publishedEvents: ({ number }: TenantState['publishedEvents'][number]) => String(number),
} as const;
type Collection = keyof typeof IDENTITY;
type ItemOf<C extends Collection> = TenantState[C][number];
const COLLECTIONS = Object.keys(IDENTITY) as Collection[];
const SETTINGS = ['tenant', 'app', 'workspace', 'machineActionTiming', 'emailRemediationSeconds'] as const;
type Settings = Pick<TenantState, (typeof SETTINGS)[number]>;

export class TenantDatabase {
  #items = new Map<Collection, Map<string, unknown>>();
  #settings: Settings;
  #changed = new Map<string, Item>();

  /** Uses the stored state if there is one, else stores and uses the first state. */
  constructor(
    private readonly store: Store,
    firstState: () => TenantState,
  ) {
    const stored = store.read();
    const state = stored.length === 0 ? firstState() : fromItems(stored);
    this.#settings = state;
    this.#fill(state);
    if (stored.length === 0) this.store.write(toItems(state));
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** Items must not be changed in place: `put` a new one. */
  all<C extends Collection>(collection: C): readonly ItemOf<C>[] {
    return [...(this.#items.get(collection)?.values() ?? [])] as ItemOf<C>[];
  }

  get<C extends Collection>(collection: C, id: string): ItemOf<C> | undefined {
    return this.#items.get(collection)?.get(id) as ItemOf<C> | undefined;
  }

  put<C extends Collection>(collection: C, item: ItemOf<C>): void {
    const id = identify(collection, item);
    this.#items.get(collection)?.set(id, item);
    this.#changed.set(`${collection} ${id}`, { collection, id, value: JSON.stringify(item) });
  }

  delete(collection: Collection, id: string): void {
    this.#items.get(collection)?.delete(id);
    this.#changed.set(`${collection} ${id}`, { collection, id, value: undefined });
  }

  /** Stores all changed items. Responses are sent only after this. */
  save(): void {
    if (this.#changed.size === 0) return;
    this.store.write([...this.#changed.values()]);
    this.#changed.clear();
  }

  /** A deep copy. */
  state(): TenantState {
    const collections = Object.fromEntries(COLLECTIONS.map((name) => [name, this.all(name)]));
    return structuredClone({ ...pickSettings(this.#settings), ...collections }) as TenantState;
  }

  /** Replaces the whole state, and stores the differences. @throws SimulatorError `tenant-invalid`. */
  replace(next: TenantState): void {
    const state = parseTenant(next);
    const before = new Map(toItems(this.state()).map((item) => [`${item.collection} ${item.id}`, item]));
    const after = toItems(state);
    const changed = after.filter((item) => before.get(`${item.collection} ${item.id}`)?.value !== item.value);
    for (const item of after) before.delete(`${item.collection} ${item.id}`);
    this.store.write([...changed, ...[...before.values()].map((item) => ({ ...item, value: undefined }))]);
    this.#settings = state;
    this.#fill(state);
  }

  #fill(state: TenantState): void {
    this.#items = new Map(
      COLLECTIONS.map((name) => [name, new Map(state[name].map((item) => [identify(name, item), item]))]),
    );
  }
}

function identify(collection: Collection, item: unknown): string {
  const of = IDENTITY[collection] as (value: unknown) => string;
  return of(item);
}

function pickSettings(state: Settings): Settings {
  return Object.fromEntries(SETTINGS.map((name) => [name, state[name]])) as Settings;
}

function toItems(state: TenantState): Item[] {
  return [
    ...SETTINGS.map((name) => ({ collection: 'settings', id: name, value: JSON.stringify(state[name]) })),
    ...COLLECTIONS.flatMap((name) =>
      state[name].map((item) => ({
        collection: name,
        id: identify(name, item),
        value: JSON.stringify(item),
      })),
    ),
  ];
}

function fromItems(items: readonly Item[]): TenantState {
  const state: Record<string, unknown> = {};
  for (const { collection, id, value } of items) {
    const parsed: unknown = JSON.parse(value ?? 'null');
    if (collection === 'settings') state[id] = parsed;
    else state[collection] = [...((state[collection] as unknown[] | undefined) ?? []), parsed];
  }
  try {
    return parseTenant(state);
  } catch (error) {
    throw new SimulatorError(
      'state-unreadable',
      `The stored state of the simulated tenant is from another version. Delete it to start from the first state.`,
      { cause: error },
    );
  }
}
