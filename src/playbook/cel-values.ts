/** Values as conditions see them: typed, with every access recorded, and with "unknown" distinct from empty. */
import type { Environment } from '@marcbachmann/cel-js';
import type { ObjectShape, Shape } from './value-types.js';

/** Records the values that a condition reads during its evaluation. */
export interface Observer {
  saw(path: string, value: unknown): void;
  /** The condition read a field that the known object does not have. */
  lacked(path: string): void;
  /** The condition read an unknown value; `reason` names the finding and the cause. */
  missed(reason: string): void;
}

/** The content of an object: its members, or the reason why it is unknown. */
export type Content = { readonly known: Readonly<Record<string, unknown>> } | { readonly unknown: string };

/** Thrown when an expression reads an unknown value. `&&` and `||` of CEL absorb it if the other side decides the result. */
export class UnknownValue extends Error {}

abstract class TypedObject extends Map<string, unknown> {
  constructor(
    private readonly shape: ObjectShape,
    private readonly content: Content,
    private readonly path: string,
    private readonly observer: Observer,
    private readonly types: Types,
  ) {
    super();
  }

  /** Called by the expression library for `object.field` and `has(object.field)`. */
  override get(field: string): unknown {
    if ('unknown' in this.content) {
      this.observer.missed(this.content.unknown);
      throw new UnknownValue(this.content.unknown);
    }
    const path = `${this.path}.${field}`;
    const shape = this.shape.fields.get(field);
    const raw = Object.hasOwn(this.content.known, field) ? this.content.known[field] : undefined;
    if (shape === undefined || raw === undefined || raw === null) {
      this.observer.lacked(path);
      return undefined;
    }
    return this.types.value(shape, raw, path, this.observer);
  }
}

type Constructor = new (
  shape: ObjectShape,
  content: Content,
  path: string,
  observer: Observer,
  types: Types,
) => TypedObject;

/** The types of one playbook, registered with its CEL environment. */
export class Types {
  private readonly constructors = new Map<ObjectShape, { name: string; make: Constructor }>();
  constructor(private readonly environment: Environment) {}

  /** The CEL name of a shape's type. The first call registers objects under the name. */
  declare(shape: Shape, name: string): string {
    switch (shape.type) {
      case 'list':
        return `list<${this.declare(shape.items, name)}>`;
      case 'map':
        return `map<string, ${this.declare(shape.values, name)}>`;
      case 'object':
        return this.declareObject(shape, name);
      case 'any':
        return 'dyn';
      default:
        return shape.type;
    }
  }

  object(shape: ObjectShape, content: Content, path: string, observer: Observer): unknown {
    const declared = this.constructors.get(shape);
    if (declared === undefined) throw new RangeError('the type was not declared');
    return new declared.make(shape, content, path, observer, this);
  }

  /** Converts a JSON value to the type of its shape. A value that does not fit stays unchanged; the library then rejects it. */
  value(shape: Shape, raw: unknown, path: string, observer: Observer): unknown {
    if (shape.type === 'object' && isObject(raw)) return this.object(shape, { known: raw }, path, observer);
    if (shape.type === 'list' && Array.isArray(raw)) {
      if (shape.items.type !== 'object') observer.saw(path, raw);
      return raw
        .filter((item) => item !== null && item !== undefined)
        .map((item, index) => this.value(shape.items, item, `${path}[${index}]`, silentFor(shape, observer)));
    }
    if (shape.type === 'map' && isObject(raw)) {
      observer.saw(path, raw);
      const entries = Object.entries(raw).filter(([, value]) => value !== null && value !== undefined);
      return new Map(
        entries.map(([key, value]) => [key, this.value(shape.values, value, `${path}.${key}`, silent)]),
      );
    }
    observer.saw(path, raw);
    return shape.type === 'int' && Number.isSafeInteger(raw) ? BigInt(raw as number) : raw;
  }

  private declareObject(shape: ObjectShape, name: string): string {
    const existing = this.constructors.get(shape);
    if (existing) return existing.name;
    const fields = [...shape.fields].map(([key, field]) => [key, this.declare(field, `${name}.${key}`)]);
    const make = class extends TypedObject {};
    this.environment.registerType(name, { ctor: make, fields: Object.fromEntries(fields) });
    this.constructors.set(shape, { name, make });
    return name;
  }
}

const silent: Observer = { saw: () => {}, lacked: () => {}, missed: () => {} };
/** The items of a plain list were recorded with the list. */
const silentFor = (list: { items: Shape }, observer: Observer) =>
  list.items.type === 'object' ? observer : silent;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
