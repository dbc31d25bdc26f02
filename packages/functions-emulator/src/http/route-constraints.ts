/** Constraints of route parameters: https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-constraints */

export type RouteConstraint = (value: string) => boolean;

const integer = (low: bigint, high: bigint): RouteConstraint => {
  return (value) =>
    /^\s*[-+]?\d+\s*$/.test(value) &&
    BigInt(value.trim().replace('+', '')) >= low &&
    BigInt(value.trim().replace('+', '')) <= high;
};
const real: RouteConstraint = (value) => /^\s*[-+]?(\d+(,\d+)*(\.\d*)?|\.\d+)\s*$/.test(value);
const plain: Readonly<Record<string, RouteConstraint>> = {
  int: integer(-2_147_483_648n, 2_147_483_647n),
  long: integer(-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n),
  bool: (value) => /^\s*(true|false)\s*$/i.test(value),
  alpha: (value) => /^[a-z]*$/i.test(value),
  decimal: real,
  double: (value) => real(value) || /^\s*[-+]?\d+(\.\d*)?e[-+]?\d+\s*$/i.test(value),
  float: (value) => real(value) || /^\s*[-+]?\d+(\.\d*)?e[-+]?\d+\s*$/i.test(value),
  guid: (value) => /^[({]?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}[)}]?$/i.test(value),
  datetime: (value) => /\d/.test(value) && !Number.isNaN(Date.parse(value)),
  required: (value) => value !== '',
};

/** `length(2,4)` and the like; undefined when there is no such constraint. */
export function parseConstraint(text: string): RouteConstraint | undefined {
  const match = /^(\w+)(?:\((.*)\))?$/s.exec(text);
  const name = match?.[1]?.toLowerCase() ?? '';
  const argument = match?.[2];
  if (argument === undefined) return Object.hasOwn(plain, name) ? plain[name] : undefined;
  const [a = Number.NaN, b = a] = argument.split(',').map(Number);
  const whole = integer(-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n);
  switch (name) {
    case 'length':
      return (value) => value.length >= a && value.length <= b;
    case 'minlength':
      return (value) => value.length >= a;
    case 'maxlength':
      return (value) => value.length <= a;
    case 'min':
      return (value) => whole(value) && Number(value) >= a;
    case 'max':
      return (value) => whole(value) && Number(value) <= a;
    case 'range':
      return (value) => whole(value) && Number(value) >= a && Number(value) <= b;
    case 'regex': {
      const pattern = new RegExp(
        argument.replaceAll('{{', '{').replaceAll('}}', '}').replaceAll('[[', '[').replaceAll(']]', ']'),
        'i',
      );
      return (value) => pattern.test(value);
    }
    default:
      return undefined;
  }
}
