// Where the embedded host differs from the real one on purpose: a rule about a field, and why. Whatever else differs in
// the same scenario is a difference.

const node = Number(process.versions.node.split('.')[0]);

/**
 * @typedef {{path: string, expected: unknown, actual: unknown}} Difference
 * @typedef {{reason: string, holds: (difference: Difference, recorded: any) => boolean}} Rule
 * @type {readonly Rule[]}
 */
export const rules = [
  {
    reason: 'the page at / is a short one of this host, not the 150 kB of the real one: its length differs',
    holds: ({ path }, recorded) => {
      const { request, response } = exchangeAt(path, recorded);
      const isLength = /\/response\/(htmlLength|headers\/\d+\/1)$/.test(path);
      return isLength && request?.path === '/' && response?.status === 200;
    },
  },
  {
    reason:
      'the exception of a retry begins as the real one does, without its 4 kB of .NET stack traces: its length differs',
    holds: ({ path }) => path.endsWith('/retryContext/jsonLength'),
  },
  {
    reason:
      'what is wrong with host.json is said in the words of Node’s parser, not in those of Newtonsoft.Json',
    holds: ({ path, expected }) =>
      /\/response\/json\/errors\/0$/.test(path) && String(expected).includes('Newtonsoft.Json:'),
  },
  {
    reason: 'recorded on Node 20, which does not find HttpResponse by name in the library; newer ones do',
    holds: ({ path }, recorded) =>
      node > 20 && recorded.profile === 'bootNamedExport' && path.startsWith('/exchanges'),
  },
];

function exchangeAt(path, { exchanges }) {
  const [, index] = /^\/exchanges\/(\d+)\//.exec(path) ?? [];
  return exchanges[Number(index)] ?? {};
}
