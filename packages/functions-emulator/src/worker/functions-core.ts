/**
 * The module `@azure/functions-core`, which only a Functions host can provide: the app's libraries register their
 * functions and hooks through it. https://learn.microsoft.com/azure/azure-functions/functions-reference-node
 */
import Module from 'node:module';
import type { LogLevel } from '../log.js';
import type { CoreMetadata } from './function-definition.js';

export type Callback = (...args: unknown[]) => unknown;
export type HookName = 'preInvocation' | 'postInvocation' | 'appStart' | 'appTerminate';
export type LogSink = (level: LogLevel, category: string, message: string, invocationId?: string) => void;

/** The context that the programming model gets for one invocation. */
export interface CoreContext {
  readonly invocationId: string;
  readonly metadata: CoreMetadata;
  readonly request: Record<string, unknown>;
  state: string | undefined;
  log(level: LogLevel, category: string, message: string): void;
}
interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: Callback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ returnValue?: unknown; outputData?: unknown }>;
}
interface ProgrammingModel {
  getInvocationModel(context: CoreContext): InvocationModel;
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
}
interface RegisteredFunction {
  readonly metadata: CoreMetadata;
  readonly callback: Callback;
  readonly scriptFile: string;
}

/** Everything the app registered with the core module. */
export interface AppState {
  readonly functions: Map<string, RegisteredFunction>;
  readonly hooks: Readonly<Record<HookName, Callback[]>>;
  model: ProgrammingModel | undefined;
  /** The model's own properties when the library set it: an app may wrap its methods. */
  modelProperties: PropertyDescriptorMap;
  /** The entry file that is being loaded, for the functions registered meanwhile. */
  loading: string;
  locked: boolean;
}

class CoreError extends Error {
  readonly isAzureFunctionsSystemError = true;
}
// The real worker ships minified, so this is the class name that apps see and print.
Object.defineProperty(CoreError, 'name', { value: 'r' });

class Disposable {
  constructor(readonly dispose: () => void) {}
  static from(...parts: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const part of parts) part.dispose();
    });
  }
}

/** Makes `require('@azure/functions-core')` resolve, for every loader in this thread, and returns what the app registers. */
export function installCoreModule(hostVersion: string, log: LogSink): AppState {
  const hooks: Record<HookName, Callback[]> = {
    preInvocation: [],
    postInvocation: [],
    appStart: [],
    appTerminate: [],
  };
  const state: AppState = {
    functions: new Map(),
    hooks,
    model: undefined,
    modelProperties: {},
    loading: '',
    locked: false,
  };

  const core = {
    version: '3.9.1',
    hostVersion,
    Disposable,
    registerFunction(metadata: CoreMetadata, callback: Callback): Disposable {
      if (state.locked) throw new CoreError('A function can only be registered during app startup.');
      if (state.functions.has(metadata.name)) {
        throw new CoreError(`A function with id "${metadata.name}" has already been registered.`);
      }
      state.functions.set(metadata.name, { metadata, callback, scriptFile: state.loading });
      return new Disposable(() => {
        if (state.locked) throw new CoreError('A function can only be disposed during app startup.');
        state.functions.delete(metadata.name);
      });
    },
    registerHook(name: string, callback: Callback): Disposable {
      if (!Object.hasOwn(hooks, name)) {
        throw Object.assign(new RangeError(`Unrecognized hook "${name}"`), {
          isAzureFunctionsSystemError: true,
        });
      }
      const list = hooks[name as HookName];
      list.push(callback);
      return new Disposable(() => {
        const at = list.indexOf(callback);
        if (at >= 0) list.splice(at, 1);
      });
    },
    setProgrammingModel(model: ProgrammingModel): void {
      state.model = model;
      state.modelProperties = Object.getOwnPropertyDescriptors(model);
    },
    getProgrammingModel: () => state.model,
    log: (level: LogLevel, category: string, message: string) => log(level, category, message),
  };
  provide('@azure/functions-core', core);
  return state;
}

/** Removes what an app registered. The libraries stay, with the programming model that they have set. */
export function removeApp(state: AppState): void {
  state.functions.clear();
  for (const list of Object.values(state.hooks)) list.length = 0;
  state.locked = false;
  const { model } = state;
  if (model === undefined) return;
  for (const name of Reflect.ownKeys(model))
    if (!Object.hasOwn(state.modelProperties, name)) Reflect.deleteProperty(model, name);
  Object.defineProperties(model, state.modelProperties);
}

/** Every `require` uses these two, also that of loaders with their own `Module.prototype.require`. */
function provide(id: string, exports: unknown): void {
  const internals = Module as unknown as {
    _resolveFilename: (request: string, ...rest: unknown[]) => string;
    _cache: Record<string, unknown>;
  };
  const resolve = internals._resolveFilename;
  internals._resolveFilename = (request, ...rest) =>
    request === id ? id : resolve.call(internals, request, ...rest);
  internals._cache[id] = Object.assign(new Module(id), { filename: id, loaded: true, exports });
}
