// Where the embedded host differs from the real one on purpose: the scenario, the fields, and why. The rest of each
// scenario is compared like any other.

const homePage = 'the page at / is a short one of this host, not the 150 kB of the real one';
const exception =
  'the exception in retryContext has the first sentences of the real one, not its 4 kB of .NET stack traces';
const stream =
  'with enableHttpStream the real host leaves the caller of a failed function without an answer for 240 s; here it is a 500 at once';

const page = (...exchanges) =>
  exchanges.flatMap((index) => [
    `/exchanges/${index}/response/headers`,
    `/exchanges/${index}/response/htmlLength`,
  ]);
const answers = (...exchanges) => exchanges.map((index) => `/exchanges/${index}/response`);

/** @type {Record<string, {reason: string, paths: string[]}>} */
export const onPurpose = {
  'http-methods-refused': { reason: homePage, paths: page(11, 12, 13) },
  'auth-adminapi': { reason: homePage, paths: page(17) },
  'prefix-v1': { reason: homePage, paths: page(7) },
  'prefix-empty': { reason: homePage, paths: page(3) },
  'boot-no-functions': { reason: homePage, paths: page(3) },
  'admin-host': {
    reason: 'there are no dumps of the extensions’ configuration and of the processes; the paths answer 404',
    paths: answers(12, 13),
  },
  'eg-retry': { reason: exception, paths: [1, 4, 5, 7, 8].map((n) => `/trace/${n}/context/retryContext`) },
  'admin-invoke-fail': { reason: exception, paths: [2, 3].map((n) => `/trace/${n}/retryContext`) },
  'http-retry': { reason: exception, paths: [1, 2].map((n) => `/trace/${n}/retryContext`) },
  'boot-bad-hostjson': {
    reason: 'the parser’s message is that of Node, with the position, not that of Newtonsoft.Json',
    paths: ['/exchanges/0/response/json/errors'],
  },
  'resp-headers': {
    reason:
      'a function that sets Transfer-Encoding corrupts the real host’s message; here the header is left out',
    paths: answers(7),
  },
  'resp-throws': {
    reason: 'a frozen error ends the real worker and every call in it; here only its own call fails',
    paths: ['/trace'],
  },
  'boot-named-export': {
    reason:
      'recorded on Node 20, which does not find that name in the library; newer ones do, and the app loads',
    paths: ['/exchanges'],
  },
  'fault-exit-zero': {
    reason:
      'after process.exit(0) the real host hangs for good; here it counts as a fault like any other exit',
    paths: ['/exchanges/0', '/exchanges/1/response', '/trace'],
  },
  'stream-body-kinds': {
    reason: `${stream}; and params does not hold the members of a JSON body`,
    paths: [...answers(7), '/exchanges/0/response/json/params', '/trace/0/params'],
  },
  'stream-resp-headers': { reason: stream, paths: answers(3, 4) },
  'stream-resp-json': { reason: stream, paths: answers(7, 8) },
  'stream-resp-return-values': { reason: stream, paths: answers(0, 1, 2, 3, 5) },
  'stream-resp-status': { reason: stream, paths: answers(2, 3, 5, 6, 8) },
  'stream-resp-streams': { reason: stream, paths: answers(2, 3) },
  'stream-resp-throws': { reason: stream, paths: [...answers(0, 1, 2, 3, 4, 5, 7, 8), '/trace'] },
  'stream-throw-wait': { reason: stream, paths: ['/exchanges/0/parallel/2/response'] },
};
