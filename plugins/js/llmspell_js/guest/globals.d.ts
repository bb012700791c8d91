/** The parameters of the run. */
declare const params: Record<string, any>;

/** Write the arguments, joined by blanks, and a line break. */
declare function print(...values: unknown[]): void;

/** Wait for that many seconds. */
declare function sleep(seconds: number): Promise<void>;

/** Return what a file of the spell exports, or a bridge or built-in module by name. */
declare function require(name: string): any;

/** An error as spells see it. */
declare class SpellError extends Error {
  constructor(message: string, fields?: { kind?: string; data?: unknown; cause?: unknown });
}

interface Error {
  /** What sort of error it is; `runtime` unless it says otherwise. */
  kind: string;
  data?: any;
  cause?: unknown;
  /** The spell's file that it comes from. */
  file?: string;
  line?: number;
  traceback?: string;
}

interface Promise<T> {
  /** Walk what is promised, with no `await` before it. */
  [Symbol.asyncIterator](): T extends AsyncIterable<infer U> | Iterable<infer U> ? AsyncIterator<U> : never;
}

/** The promise of a builder, or of what its call answers: calls of that can be written after it, and `await` before them all. */
type Chained<T> = Promise<T> & {
  [K in keyof T as T[K] extends (...args: any[]) => Promise<any> ? K : never]:
    T[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => Chained<R> : never;
};

interface Console {
  log(...values: unknown[]): void;
  info(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
  debug(...values: unknown[]): void;
  trace(...values: unknown[]): void;
  dir(value: unknown): void;
  table(value: unknown): void;
  assert(truth: unknown, ...values: unknown[]): void;
  group(...values: unknown[]): void;
  groupCollapsed(...values: unknown[]): void;
  groupEnd(): void;
  count(label?: string): void;
  countReset(label?: string): void;
  time(label?: string): void;
  timeLog(label?: string, ...values: unknown[]): void;
  timeEnd(label?: string): void;
  /** Write text as it is, with no line break. */
  write(text: string): void;
}
declare const console: Console;

declare function setTimeout<A extends unknown[]>(callback: (...args: A) => unknown, milliseconds?: number, ...args: A): number;
declare function setInterval<A extends unknown[]>(callback: (...args: A) => unknown, milliseconds?: number, ...args: A): number;
declare function setImmediate<A extends unknown[]>(callback: (...args: A) => unknown, ...args: A): number;
declare function clearTimeout(timer: number | undefined): void;
declare function clearInterval(timer: number | undefined): void;
declare function clearImmediate(timer: number | undefined): void;
declare function queueMicrotask(callback: () => unknown): void;
declare function structuredClone<T>(value: T, options?: { transfer?: ArrayBuffer[] }): T;
declare function btoa(text: string): string;
declare function atob(text: string): string;

declare const performance: { now(): number; readonly timeOrigin: number };

declare class TextEncoder {
  readonly encoding: "utf-8";
  encode(text?: string): Uint8Array;
  encodeInto(text: string, bytes: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  decode(bytes?: ArrayBufferView | ArrayBuffer, options?: { stream?: boolean }): string;
}

declare class URLSearchParams {
  constructor(init?: string | Iterable<[string, string]> | Record<string, string>);
  readonly size: number;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  append(name: string, value: string): void;
  delete(name: string, value?: string): void;
  set(name: string, value: string): void;
  sort(): void;
  forEach(callback: (value: string, name: string, all: URLSearchParams) => void, self?: unknown): void;
  entries(): IterableIterator<[string, string]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
  toString(): string;
}

declare class URL {
  constructor(text: string | URL, base?: string | URL);
  static canParse(text: string, base?: string): boolean;
  static parse(text: string, base?: string): URL | null;
  href: string;
  readonly origin: string;
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  readonly searchParams: URLSearchParams;
  hash: string;
  toString(): string;
  toJSON(): string;
}

declare class Event {
  constructor(type: string, options?: { cancelable?: boolean; detail?: unknown });
  readonly type: string;
  readonly target: EventTarget | null;
  readonly defaultPrevented: boolean;
  preventDefault(): void;
  stopPropagation(): void;
  stopImmediatePropagation(): void;
}

declare class EventTarget {
  addEventListener(type: string, listener: (event: Event) => unknown, options?: { once?: boolean; signal?: AbortSignal }): void;
  removeEventListener(type: string, listener: (event: Event) => unknown): void;
  dispatchEvent(event: Event): boolean;
}

declare class AbortSignal extends EventTarget {
  readonly aborted: boolean;
  readonly reason: any;
  onabort?: (event: Event) => unknown;
  throwIfAborted(): void;
  static abort(reason?: unknown): AbortSignal;
  static timeout(milliseconds: number): AbortSignal;
  static any(signals: Iterable<AbortSignal>): AbortSignal;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare class Headers implements Iterable<[string, string]> {
  constructor(init?: Headers | Iterable<[string, string]> | Record<string, string>);
  append(name: string, value: string): void;
  set(name: string, value: string): void;
  get(name: string): string | null;
  has(name: string): boolean;
  delete(name: string): void;
  forEach(callback: (value: string, name: string, headers: Headers) => void): void;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  entries(): IterableIterator<[string, string]>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}

type BodyInit = string | Uint8Array | ArrayBuffer | URLSearchParams;

interface RequestInit {
  method?: string;
  headers?: Headers | Iterable<[string, string]> | Record<string, string>;
  body?: BodyInit | null;
  signal?: AbortSignal | null;
  redirect?: "follow";
}

declare class Request {
  constructor(input: string | URL | Request, init?: RequestInit);
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly signal: AbortSignal | null;
  readonly bodyUsed: boolean;
  arrayBuffer(): Promise<ArrayBuffer>;
  bytes(): Promise<Uint8Array>;
  json(): Promise<any>;
  text(): Promise<string>;
  clone(): Request;
}

declare class Response {
  constructor(body?: BodyInit | null, init?: { status?: number; statusText?: string; headers?: RequestInit["headers"] });
  readonly status: number;
  readonly statusText: string;
  readonly ok: boolean;
  readonly url: string;
  readonly headers: Headers;
  readonly bodyUsed: boolean;
  arrayBuffer(): Promise<ArrayBuffer>;
  bytes(): Promise<Uint8Array>;
  json(): Promise<any>;
  text(): Promise<string>;
  clone(): Response;
}

/** Ask over the web, as the bridge `http` does: the same permissions, the same errors where there is no answer. */
declare function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;

/** Promises: the language's own, and waiting with a time limit, a bounded number at once. */
declare const promise: {
  all<T>(list: Iterable<T | PromiseLike<T>>): Promise<Awaited<T>[]>;
  race<T>(list: Iterable<T | PromiseLike<T>>): Promise<Awaited<T>>;
  any<T>(list: Iterable<T | PromiseLike<T>>): Promise<Awaited<T>>;
  allSettled<T>(list: Iterable<T | PromiseLike<T>>): Promise<PromiseSettledResult<Awaited<T>>[]>;
  resolve<T>(value: T): Promise<Awaited<T>>;
  reject(reason: unknown): Promise<never>;
  /** Return a function that answers a promise, whatever `fn` does. */
  async<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => Promise<Awaited<R>>;
  /** Start a task; an error in it that nobody awaits fails the run. */
  spawn<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>>;
  /** Fail with the kind `timeout` after that many seconds: the task or call behind the promise is stopped then. */
  timeout<T>(promise: T | PromiseLike<T>, seconds: number): Promise<T>;
  /** Return a cancellation token, which stops the tasks and calls that it watches. */
  token(): Token;
  /** Call `fn(item, index)` for every item, at most `maxConcurrent` at once; the results are in the items' order. */
  map<T, R>(list: Iterable<T>, fn: (item: T, index: number) => R, options?: { maxConcurrent?: number }): Promise<Awaited<R>[]>;
  await<T>(promise: T | PromiseLike<T>, seconds?: number): Promise<T>;
  "new"<T>(executor: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void): Promise<T>;
};

/** JSON text of script values and back, integers kept exactly. */
declare const json: {
  encode(value: unknown, options?: { pretty?: boolean | number }): string;
  decode(text: string): any;
};
