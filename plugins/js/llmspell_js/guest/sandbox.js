// What is taken away, and what is made read-only, before any code of the spell runs.

const GONE = ["FinalizationRegistry", "WeakRef", "SharedArrayBuffer", "Atomics"];
const OVERRIDDEN = ["toString", "toLocaleString", "valueOf", "constructor", "toJSON", "name", "message"];
const OVERRIDDEN_IN = [Object, Function, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, InternalError,
  AggregateError, Map, Set, SpellError];

// A frozen property cannot be assigned on the objects that inherit it; one with a setter can.
function letOverride(owner, key, value) {
  const accessor = {
    get() { return value; },
    set(given) { overrideOn(this, owner, key, given); },
  };
  defineProperty(owner, key, { ...accessor, enumerable: false, configurable: false });
}

function overrideOn(object, owner, key, value) {
  if (object === owner) throw new TypeError(`${key} is read-only`);
  defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

function openProperty(owner, key, get) {
  defineProperty(owner, key, { get, set(given) { overrideOn(this, owner, key, given); }, enumerable: false, configurable: false });
}

function install() {
  for (const name of GONE) delete globalThis[name];
  installClock();
  for (const name of keysOf(errorDefaults)) {
    const answer = errorDefaults[name];
    openProperty(ErrorPrototype, name, { get() { return answer(this); } }.get);
  }
  openProperty(NativePromise.prototype, "constructor", function () {
    takeOn(this);
    return NativePromise;
  });
  setOwn(NativePromise.prototype, "then", then);
  for (const name of ["all", "any", "race", "try"]) watchMade(name, NativePromise[name]);
  watchMade("reject", function (reason) { return apply(nativeReject, this, [isError(reason) ? reason : thrown(reason)]); });
  lockStacks();
  for (const name of keysOf(own)) setOwn(globalThis, name, freeze(own[name]));
  for (const type of OVERRIDDEN_IN) {
    for (const key of OVERRIDDEN) {
      const found = getDescriptor(type.prototype, key);
      if (found !== undefined && "value" in found) letOverride(type.prototype, key, found.value);
    }
  }
  freezeAll();
  for (const name of keysOf(LAZY)) provideLazily(name);
}

// What these make may be dropped like any other promise.
function watchMade(name, make) {
  setOwn(NativePromise, name, { [name](...args) { return track(apply(make, this, args)); } }[name]);
}

// Stack traces are the run's own: a spell's hook for them would decide which line an error is on.
function lockStacks() {
  NativeError.stackTraceLimit = 30;
  for (const name of ["prepareStackTrace", "stackTraceLimit"])
    defineProperty(NativeError, name, { get: () => (name === "stackTraceLimit" ? 30 : undefined), set() {}, configurable: false });
  setOwn(NativeError, "captureStackTrace", (object, above) => {
    apply(nativeCapture, NativeError, [object, above]);
    setOwn(object, "stack", `${headOf(object)}\n${traceOf(framesOf(object.stack))}`);
  });
}

function freezeAll() {
  const globals = ownKeys(globalThis);
  for (const name of globals) {
    const { value } = getDescriptor(globalThis, name);
    if (typeof value === "function" || typeof value === "object" && value !== null && value !== globalThis) {
      freeze(value);
      if (value.prototype) freeze(value.prototype);
    }
    defineProperty(globalThis, name, { writable: false, configurable: false });
  }
  for (const hidden of HIDDEN) {
    for (let object = hidden; object !== null && object !== ObjectPrototype; object = getPrototypeOf(object)) {
      freeze(object);
      if (typeof object.constructor === "function") freeze(object.constructor);
    }
  }
}

// Prototypes that no global names.
const HIDDEN = [
  getPrototypeOf(function* () {}), getPrototypeOf(async function () {}), getPrototypeOf(async function* () {}),
  getPrototypeOf(function* () {}).prototype, getPrototypeOf(async function* () {}).prototype, getPrototypeOf(Uint8Array),
  getPrototypeOf(Uint8Array.prototype), [][Symbol.iterator](), new Map().entries(), new Set().values(), ""[Symbol.iterator](),
  "".matchAll(/(?:)/g), Iterator.from({ next() {} }), [].values().map(value => value),
].map(object => (typeof object === "function" || hasOwn(object, "constructor") ? object : getPrototypeOf(object)));

Object.assign(sources, parse(texts));
install();
return enter;
