/** The style sheet of all pages. It is inlined, and the content security policy allows it by its hash. */
import { createHash } from 'node:crypto';

export const STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --quiet: #57606a; --ground: #ffffff; --card: #f6f8fa; --line: #d0d7de;
  --link: #0957b8; --good: #116329; --bad: #b3261e; --warn: #7a4d00; --press: #0957b8; --on-press: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --quiet: #9aa4af; --ground: #0d1117; --card: #161b22;
  --line: #3a434d; --link: #79b8ff; --good: #56d364; --bad: #ff8f87; --warn: #e3b341; --press: #2f81f7; --on-press: #04101f; } }
* { box-sizing: border-box; } html:has(.bar) { scroll-padding: 5rem 0; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
header, main { max-width: 60rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1rem; display: flex; flex-wrap: wrap; gap: .25rem 1rem; justify-content: space-between; color: var(--quiet); }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 1rem 0 .5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
h1, h2, h3, p, li, dt, dd, summary, label { overflow-wrap: anywhere; }
a { color: var(--link); } .skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--ground); padding: .5rem; z-index: 1; }
 :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.card { border: 1px solid var(--line); border-radius: .5rem; background: var(--card); padding: .75rem 1rem; margin: .75rem 0; }
.card > :first-child { margin-top: 0; } .card > :last-child { margin-bottom: 0; } .card h3 { margin: 0 0 .25rem; font-size: 1rem; }
.notice { border-left: .4rem solid var(--bad); } .notice.good { border-left-color: var(--good); } .notice.warn { border-left-color: var(--warn); color: inherit; } .notice.quietly { border-left-color: var(--link); }
.notice, .notice p { color: var(--text); }
.quiet { color: var(--quiet); } .good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.tag { border: 1px solid currentColor; border-radius: 1rem; padding: 0 .6rem; font-size: .85rem; white-space: nowrap; }
.facts { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center; margin: .25rem 0; }
dl { margin: .5rem 0; display: grid; grid-template-columns: max-content 1fr; gap: .15rem .75rem; }
dt { color: var(--quiet); } dd { margin: 0; }
code, pre { font: .875rem/1.45 ui-monospace, "Cascadia Mono", Menlo, monospace; } pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .5rem 0; }
ul, ol { padding-left: 1.25rem; } .plain { list-style: none; padding: 0; }
.timeline li { margin: .25rem 0; } time { font-variant-numeric: tabular-nums; }
.step { display: grid; grid-template-columns: auto 1fr; gap: 0 .75rem; margin: .5rem 0; } .step input { width: 1.25rem; height: 1.25rem; margin: .15rem 0 0; }
textarea { width: 100%; min-height: 4.5rem; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--quiet); border-radius: .375rem; padding: .5rem; }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0; }
button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .5rem 1.25rem; border-radius: .375rem; border: 1px solid var(--press); cursor: pointer;
  background: var(--press); color: var(--on-press); } button.second { background: transparent; color: var(--bad); border-color: currentColor; }
details { margin: .75rem 0; } summary { cursor: pointer; min-height: 1.75rem; } details.card > summary { font-weight: 600; }
.choice { display: flex; gap: .75rem; align-items: center; min-height: 2.75rem; } .choice input { width: 1.25rem; height: 1.25rem; }
.bar { position: sticky; top: 0; bottom: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .5rem; align-items: start; margin: .75rem -1rem 0; padding: .6rem 1rem;
  background: var(--ground); border: solid var(--line); border-width: 1px 0; } .bar:has(details[open]) { position: static; }
.bar details { margin: 0; } .bar details[open] { flex-basis: 100%; } button.calm { color: var(--link); }
.bar summary { font-weight: 600; min-height: 2.75rem; width: fit-content; padding: .55rem 1rem; border: 1px solid currentColor; border-radius: .375rem; list-style: none; color: var(--link); }
.bar summary.bad { color: var(--bad); } .bar summary::-webkit-details-marker { display: none; } .bar form { margin-top: .75rem; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; } legend { padding: 0; font-weight: 600; }
footer { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: var(--quiet); font-size: .85rem; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .35rem; } 
  header, .facts { font-size: .875rem; } header { padding-top: .5rem; } h1 { font-size: 1.25rem; margin: .5rem 0 .25rem; } .facts .tag { font-size: .75rem; }
  .bar { gap: .375rem; } .bar > button, .bar summary { font-size: .85rem; padding: .6rem .5rem; } .bar .buttons button { width: 100%; } }
@media print { :root { color-scheme: light; --text: #000; --quiet: #444; --ground: #fff; --card: #fff; --line: #999; --link: #000; --good: #063; --bad: #900; --warn: #630; }
  .bar, .screen, .skip, nav, textarea, label[for="note"] { display: none !important; } header, main { max-width: none; padding: 0; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; } .card, li { break-inside: avoid; } h2, h3 { break-after: avoid; }
  pre, code { white-space: pre-wrap; overflow-wrap: anywhere; } }
`;

export const STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`;
