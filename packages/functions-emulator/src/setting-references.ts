/** Replaces `%NAME%` in a text by an app setting, as the real host does. */

type Settings = Readonly<Record<string, string>>;

/** The text with its settings, or the real host's words for what is wrong. */
export function resolveSettings(
  text: string,
  settings: Settings,
): { readonly text: string } | { readonly problem: string } {
  let resolved = '';
  let position = 0;
  for (;;) {
    const start = text.indexOf('%', position);
    if (start < 0) return { text: resolved + text.slice(position) };
    const end = text.indexOf('%', start + 1);
    if (end < 0) return { problem: `The '%' at position ${start} does not have a closing '%'` };
    const name = text.slice(start + 1, end);
    const value = settingNamed(name, settings);
    if (value === undefined) return { problem: `'%${name}%' does not resolve to a value.` };
    resolved += text.slice(position, start) + value;
    position = end + 1;
  }
}

/** .NET's configuration ignores the case of names, and takes `__` in the name of an environment variable as `:`. */
function settingNamed(name: string, settings: Settings): string | undefined {
  if (name === '') return undefined;
  const normal = (one: string): string => one.replaceAll('__', ':').toUpperCase();
  const key = Object.hasOwn(settings, name)
    ? name
    : Object.keys(settings).find((one) => normal(one) === normal(name));
  return key === undefined ? undefined : settings[key];
}
