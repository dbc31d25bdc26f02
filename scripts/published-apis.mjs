// Reduces what Microsoft publishes about Graph and Sentinel to the facts that requests are checked against, and writes them to
// test/actions/contract/published/{graph,sentinel}.json. Nothing else of the files is kept.
//
//   node scripts/published-apis.mjs <day> <commit>:cleanMetadata.xml    clean_v10_metadata of microsoftgraph/msgraph-metadata
//   node scripts/published-apis.mjs <day> <commit>:Incidents.json …     specification/securityinsights of
//                                                                       Azure/azure-rest-api-specs, and what the files refer to
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The types of Graph on the way of a request: where its path leads, and what its body holds. */
const TYPES = [
  ...['entity', 'directoryObject', 'user', 'group', 'device', 'domain', 'passwordProfile'],
  ...['application', 'servicePrincipal', 'oAuth2PermissionGrant', 'appRoleAssignment'],
  ...['identityProtectionRoot', 'riskyUser', 'riskDetection'],
  ...['auditLogRoot', 'directoryAudit', 'targetResource', 'auditActivityInitiator', 'signIn'],
  ...['authentication', 'authenticationMethod', 'emailAuthenticationMethod', 'fido2AuthenticationMethod'],
  ...['microsoftAuthenticatorAuthenticationMethod', 'phoneAuthenticationMethod'],
  ...['softwareOathAuthenticationMethod', 'temporaryAccessPassAuthenticationMethod'],
  ...['windowsHelloForBusinessAuthenticationMethod'],
  ...['reportRoot', 'authenticationMethodsRoot', 'userRegistrationDetails'],
  ...['roleManagement', 'rbacApplication', 'unifiedRoleAssignment', 'unifiedRoleDefinition'],
  ...['unifiedRoleScheduleBase', 'unifiedRoleEligibilitySchedule', 'unifiedRoleScheduleInstanceBase'],
  ...['unifiedRoleEligibilityScheduleInstance', 'unifiedRoleAssignmentSchedule', 'requestSchedule'],
  ...['mailboxSettings', 'automaticRepliesSetting', 'mailFolder', 'messageRule', 'messageRuleActions'],
  ...['messageRulePredicates', 'recipient', 'emailAddress'],
  ...[
    'security',
    'security.incident',
    'security.alert',
    'security.alertComment',
    'security.huntingQueryResults',
    'security.collaborationRoot',
    'security.analyzedEmail',
  ],
].map((name) => `microsoft.graph.${name}`);

const folder = join(dirname(fileURLToPath(import.meta.url)), '../test/actions/contract/published');
const [read = '', ...given] = process.argv.slice(2);
const sources = given.map((one) => /^([0-9a-f]{40}):(.+)$/.exec(one)?.slice(1) ?? []);
const files = sources.map(([, file]) => file);
if (!/^\d{4}-\d\d-\d\d$/.test(read) || files.length === 0 || files.includes(undefined)) {
  console.error('Usage: node scripts/published-apis.mjs <day> <commit>:<file>…');
  process.exit(2);
}
const isGraph = files[0].endsWith('.xml');
const repository = isGraph ? 'microsoftgraph/msgraph-metadata' : 'Azure/azure-rest-api-specs';
const inRepository = (file) =>
  file.replaceAll('\\', '/').replace(/^.*?(?=specification\/|clean_v10_metadata\/)/, '');
const commits = Object.fromEntries(sources.map(([commit, file]) => [inRepository(file), commit]));
const facts = isGraph ? graphFacts(readFileSync(files[0], 'utf8')) : sentinelFacts(files);
const target = join(folder, isGraph ? 'graph.json' : 'sentinel.json');
writeFileSync(target, `${lines({ source: { repository, read, files: commits }, ...facts })}\n`);
console.log(`wrote ${resolve(target)}`);

/** Each type, enum and operation on a line of its own, sorted. */
function lines(value) {
  const sorted = (part) => Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1));
  const parts = Object.entries(value).map(([name, part]) => {
    if (Array.isArray(part)) {
      const rows = part.map((one) => JSON.stringify(one)).sort();
      return `"${name}": [\n  ${rows.join(',\n  ')}\n ]`;
    }
    const rows = sorted(part).map(([key, one]) => `${JSON.stringify(key)}: ${JSON.stringify(one)}`);
    return `"${name}": {\n  ${rows.join(',\n  ')}\n }`;
  });
  return `{\n ${parts.join(',\n ')}\n}`;
}

/** https://docs.oasis-open.org/odata/odata-csdl-xml/v4.01/odata-csdl-xml-v4.01.html */
function graphFacts(xml) {
  const [types, enums, operations, roots] = [{}, {}, [], {}];
  const schemas = [...xml.matchAll(/<Schema Namespace="([^"]+)"(?: Alias="([^"]+)")?[\s\S]*?<\/Schema>/g)];
  const aliases = Object.fromEntries(
    schemas.flatMap(([, namespace, alias]) => (alias ? [[alias, namespace]] : [])),
  );
  const full = (name) =>
    name?.replace(/(^|\()(\w+)(?=\.\w+\)?$)/, (_all, open, short) => `${open}${aliases[short] ?? short}`);
  for (const [text, namespace] of schemas) {
    for (const { tag, attributes, children } of elementsOf(text)) {
      const name = `${namespace}.${attributes.Name}`;
      const named = (kind) =>
        Object.fromEntries(
          children
            .filter((one) => one.tag === kind)
            .map((one) => [one.attributes.Name, full(one.attributes.Type)]),
        );
      if (tag === 'EntityType' || tag === 'ComplexType') {
        const base = full(attributes.BaseType);
        types[name] = { ...(base && { base }), entity: tag === 'EntityType', properties: named('Property') };
        types[name].navigation = named('NavigationProperty');
      } else if (tag === 'EnumType') {
        enums[name] = children.filter((one) => one.tag === 'Member').map((one) => one.attributes.Name);
      } else if ((tag === 'Action' || tag === 'Function') && attributes.IsBound === 'true') {
        const [[, on], ...parameters] = Object.entries(named('Parameter'));
        const nullable = (one) =>
          children.find((child) => child.attributes.Name === one)?.attributes.Nullable;
        const required = parameters
          .filter(([one, type]) => nullable(one) === 'false' || type.startsWith('Collection('))
          .map(([one]) => one);
        const kind = tag.toLowerCase();
        // Parameters of a function are in its path; no request has one.
        if (kind === 'function' && parameters.length > 0) continue;
        operations.push({
          on,
          name: attributes.Name,
          kind,
          parameters: Object.fromEntries(parameters),
          required,
        });
      } else if (tag === 'EntitySet') roots[attributes.Name] = `Collection(${attributes.EntityType})`;
      else if (tag === 'Singleton') roots[attributes.Name] = attributes.Type;
    }
  }
  for (const name of TYPES) if (types[name] === undefined) throw new Error(`Graph has no type ${name}.`);
  const kept = new Set(TYPES);
  for (const name of kept) if (types[name].base) kept.add(types[name].base);
  const isKept = (type) => kept.has(type.replace(/^Collection\((.*)\)$/, '$1'));
  const used = [...kept].flatMap((name) => Object.values(types[name].properties));
  const ownOperations = operations.filter(({ on }) => isKept(on));
  used.push(...ownOperations.flatMap(({ parameters }) => Object.values(parameters)));
  const usedEnums = Object.entries(enums).filter(([name]) => used.some((type) => inner(type) === name));
  return {
    roots: Object.fromEntries(Object.entries(roots).filter(([, type]) => isKept(type))),
    types: Object.fromEntries([...kept].map((name) => [name, types[name]])),
    enums: Object.fromEntries(usedEnums),
    operations: ownOperations,
  };
}

function inner(type) {
  return type.replace(/^Collection\((.*)\)$/, '$1');
}

/** The elements directly below a schema or its container, with their own children. */
function elementsOf(schema) {
  const elements = [];
  for (const [, close, tag, attributes, empty] of schema.matchAll(
    /<(\/?)(\w+)((?:\s+[\w:]+="[^"]*")*)\s*(\/?)>/g,
  )) {
    if (close) continue;
    const named = Object.fromEntries(
      [...attributes.matchAll(/([\w:]+)="([^"]*)"/g)].map(([, k, v]) => [k, v]),
    );
    if (/^(EntityType|ComplexType|EnumType|Action|Function|EntitySet|Singleton|Annotations)$/.test(tag)) {
      elements.push({ tag, attributes: named, children: [], empty });
    } else if (/^(Property|NavigationProperty|Member|Parameter|ReturnType)$/.test(tag)) {
      elements.at(-1)?.children.push({ tag, attributes: named });
    }
  }
  return elements;
}

/** https://swagger.io/specification/v2/ */
function sentinelFacts(paths) {
  const documents = paths.map((path) => JSON.parse(readFileSync(path, 'utf8')));
  const [types, enums] = [{}, {}];
  /** What is not in the files: the resource of Azure Resource Manager, and the version of an API. */
  const common = {
    parameters: { ApiVersionParameter: { in: 'query', name: 'api-version', required: true, type: 'string' } },
    definitions: {
      Resource: {
        properties: Object.fromEntries(
          ['id', 'name', 'type'].map((name) => [name, { type: 'string', readOnly: true }]),
        ),
      },
    },
  };
  const find = (part) => {
    if (part?.$ref === undefined) return part;
    const [, kind, name] = part.$ref.split('#')[1].split('/');
    return [...documents, common].map((one) => one[kind]?.[name]).find((one) => one !== undefined);
  };
  const typeOf = (part, at) => {
    if (part.type === 'array') return `Collection(${typeOf(part.items, at)})`;
    const found = find(part);
    // A type that only answers have.
    if (found === undefined) return 'unread';
    if (found.enum) {
      const name = found['x-ms-enum']?.name ?? at;
      enums[name] = found.enum;
      return name;
    }
    if (part.$ref) return keep(part.$ref.split('/').at(-1), found);
    const simple = { 'date-time': 'Edm.DateTimeOffset', uuid: 'Edm.Guid' }[found.format];
    return (
      simple ?? { string: 'Edm.String', integer: 'Edm.Int32', boolean: 'Edm.Boolean' }[found.type] ?? 'unread'
    );
  };
  const keep = (name, definition) => {
    if (types[name] !== undefined) return name;
    types[name] = { entity: false, properties: {}, navigation: {} };
    const [base] = definition.allOf ?? [];
    if (base) types[name].base = typeOf(base, name);
    const members = Object.entries(definition.properties ?? {});
    types[name].properties = Object.fromEntries(
      members.map(([one, part]) => [one, typeOf(part, `${name}.${one}`)]),
    );
    const isReadOnly = ([, part]) => part.readOnly ?? (part.type === 'array' ? false : find(part)?.readOnly);
    types[name].readOnly = members.filter(isReadOnly).map(([one]) => one);
    types[name].required = definition.required ?? [];
    return name;
  };
  const every = documents.flatMap(({ info, paths: all }) =>
    Object.entries(all).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]) => ({ version: info.version, path, method, ...one })),
    ),
  );
  const operations = every.map(({ version, path, method, parameters, responses }) => {
    const found = parameters.map(find).filter(Boolean);
    const queries = found.filter((one) => one.in === 'query');
    const body = found.find((one) => one.in === 'body')?.schema;
    const value = find(responses['200']?.schema)?.properties?.value;
    const list = queries.some((one) => one.name === '$filter') ? typeOf(value.items, path) : undefined;
    return {
      path,
      method: method.toUpperCase(),
      version,
      query: queries.map((one) => one.name),
      required: queries.filter((one) => one.required).map((one) => one.name),
      ...(body && { body: typeOf(body, path) }),
      ...(list && { list }),
    };
  });
  return { types, enums, operations };
}
