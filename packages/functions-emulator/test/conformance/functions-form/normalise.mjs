// Replaces what differs from machine to machine and from run to run by placeholders, as the recordings do.

const passes = [
  // GUIDs that a scenario itself sends keep their value
  [
    /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi,
    (guid) => (/^(0{8}|1{8}|512d38b6)/.test(guid) ? guid : '<guid>'),
  ],
  [/00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]/g, '<traceparent>'],
  [/\b20(2[5-9]|[3-9]\d)-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?/g, '<date>'],
  [/formdata-undici-\d+/g, 'formdata-undici-<n>'],
  [/localhost:\d+/g, '<host>'],
  [/127\.0\.0\.1:\d+/g, '<loopback>'],
  [/"processUptime":\d+/g, '"processUptime":0'],
  [/"id":"[0-9a-f]{32}"/g, '"id":"<hostid>"'],
  [/\/[^\s"():]{1,200}\/(node_modules|dist\/src)\//g, '<path>/$1/'],
  [/\r?\n\s+at [^\n]*(\r?\n\s+at [^\n]*)*/g, '\n<stack>'],
  [/(\\r)?(\\n)\s+at .*?(?=\\n(?!\s+at )|")/g, '\\n<stack>'],
];

/**
 * @param {{url: string, keys: Record<string, string>, paths: [string, string][]}} host
 * @returns {(text: string) => string}
 */
export function normaliser({ url, keys, paths }) {
  const { origin, host } = new URL(url);
  return (text) => {
    let out = text;
    for (const [path, name] of paths) out = out.replaceAll(path, name);
    out = out.replaceAll(origin, '<base>').replaceAll(host, '<host>');
    for (const [name, key] of Object.entries(keys)) out = out.replaceAll(key, `<key:${name}>`);
    for (const [pattern, by] of passes) out = out.replace(pattern, by);
    return out;
  };
}
