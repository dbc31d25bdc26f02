/** The only ways in which incident values reach a card. Every value is hostile until it has passed through here. */

import type { Phrase } from '../words/phrase.js';

const SPECIAL = /[\\`*_{}[\]()#+\-.!|<>~&:^=$@"']/g;
/** Control, invisible and text-direction characters, which could hide or reverse the following text. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]+/gu;
const URL_TEXT = /\b(h)tt(ps?|p):\/\/([^\s/]+)/gi;
const OTHER_SCHEME = /\b([a-z][a-z0-9+.-]{1,20}):\/\//gi;
const WWW = /\bwww\.(?=[a-z0-9])/gi;
const IPV4 = /\b(\d{1,3}\.\d{1,3}\.\d{1,3})\.(\d{1,3})\b/g;

/**
 * One line that no client turns into a link: `hxxps://evil[.]example`, `198.51.100[.]7`. Names of people and devices
 * are not changed, because approvers must recognise them.
 */
function harmless(text: string, longest: number): string {
  const line = text.replace(INVISIBLE, ' ').replace(/ {2,}/g, ' ').trim();
  const cut = line.length <= longest ? line : `${[...line.slice(0, longest - 1)].join('').trimEnd()}…`;
  return cut
    .replace(URL_TEXT, (_, _h: string, rest: string, host: string) => {
      return `hxx${rest.toLowerCase()}://${host.replaceAll('.', '[.]')}`;
    })
    .replace(OTHER_SCHEME, (all, scheme: string) => (/^hxxps?$/.test(scheme) ? all : `${scheme}[:]//`))
    .replace(WWW, 'www[.]')
    .replace(IPV4, '$1[.]$2');
}

/** For text blocks, facts and table cells, which clients read as Markdown: escapes all Markdown. */
export function markdown(text: string, longest: number): string {
  return harmless(text, longest).replace(SPECIAL, '\\$&');
}

/**
 * For choices, labels and summaries, which only some clients read as Markdown: replaces characters with a Markdown
 * meaning instead of escaping them.
 */
export function plain(text: string, longest: number): string {
  return harmless(text, longest)
    .replace(/\[\.\]/g, '(.)')
    .replace(/\[:\]/g, '(:)')
    .replace(/\{(?=\{)/g, '{ ')
    .replaceAll('[', '(')
    .replaceAll(']', ')')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replaceAll('`', "'")
    .replaceAll('*', '∗')
    .replaceAll('~', '∼')
    .replaceAll('&', '＆')
    .replace(/!(?=\()/g, '')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, ' ')
    .replace(/\\(?=[^\p{L}\p{N}\s])/gu, '/');
}

/** A time that the client renders in the reader's time zone. */
export function localTime(iso: string): string {
  return `{{TIME(${wholeSeconds(iso)})}}`;
}
export function localDate(iso: string): string {
  return `{{DATE(${wholeSeconds(iso)}, SHORT)}}`;
}

/** The clients' date functions accept whole seconds only. */
function wholeSeconds(iso: string): string {
  return iso.replace(/\.\d+(?=Z$)/, '');
}

/** Time and date, in the reader's time zone. */
export function moment(iso: string): string {
  return `${localTime(iso)} on ${localDate(iso)}`;
}

/** A phrase of the vocabulary: values are escaped, times are local. @param longest of each value. */
export function phraseMarkdown(phrase: Phrase, longest: number): string {
  return phrase
    .map((part) => {
      if ('time' in part) return moment(part.time);
      return 'words' in part ? part.words : markdown(part.value, longest);
    })
    .join('');
}
