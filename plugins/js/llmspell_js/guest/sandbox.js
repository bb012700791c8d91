// What is taken away, and what is made read-only, before any code of the spell runs.

const GONE = ["FinalizationRegistry", "WeakRef", "SharedArrayBuffer", "Atomics"];
const OVERRIDDEN = ["toString", "toLocaleString", "valueOf", "constructor", "toJSON", "name", "message", "hasOwnProperty",
  "isPrototypeOf", "propertyIsEnumerable", "apply", "bind", "call"];
const OVERRIDDEN_IN = [Object, Function, Error, EvalError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError, SpellError,
  Map, Set, Array, String, Number, Boolean, Date, RegExp];

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

function installLocale() {
  const put = (type, name, find) => setOwn(type.prototype, name, { [name](...args) { return find()(this, ...args); } }[name]);
  for (const name of ["toLocaleString", "toLocaleDateString", "toLocaleTimeString"]) put(NativeDate, name, () => lazy("library/locale")[name]);
  for (const type of [Number, BigInt]) put(type, "toLocaleString", () => lazy("library/locale").numberText);
  put(String, "localeCompare", () => lazy("library/collation"));
}

function install() {
  for (const name of GONE) delete globalThis[name];
  hideNatives();
  guardMadeCode();
  installClock();
  installLocale();
  for (const name of keysOf(errorDefaults)) {
    const answer = errorDefaults[name];
    openProperty(ErrorPrototype, name, { get() { return answer(this); } }.get);
  }
  openProperty(NativePromise.prototype, "constructor", function () {
    takeOn(this);
    return NativePromise;
  });
  setOwn(NativePromise.prototype, "then", then);
  setOwn(NativePromise.prototype, Symbol.toPrimitive, { refuse() { throw new TypeError(UNAWAITED); } }.refuse);
  setOwn(NativePromise.prototype, "toJSON", { toJSON() { throw new TypeError(UNAWAITED); } }.toJSON);
  setOwn(NativePromise.prototype, Symbol.asyncIterator, { walk() { return lazy("walking")(this); } }.walk);
  const { any } = NativePromise;
  watchMade("any", function (list) { return telling(apply(any, this, [list])); });
  for (const name of ["all", "race", "try"]) watchMade(name, NativePromise[name]);
  watchMade("reject", function (reason) { return apply(nativeReject, this, [thrown(reason)]); });
  watchMade("withResolvers", function () {
    const made = apply(nativeWithResolvers, this, []);
    return { ...made, reject: noting(made.reject) };
  });
  for (const proto of GENERATORS) {
    const { throw: give } = proto;
    letOverride(proto, "throw", { throw(error) { return apply(give, this, [thrown(error)]); } }.throw);
    for (const key of ["next", "return"]) letOverride(proto, key, proto[key]);
  }
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

// Returns a promise of the first that succeeds, whose failure says in words what it means: the VM's says nothing.
// It is the first to hear of it, before whoever gets the promise.
function telling(promise) {
  if (promise instanceof NativePromise) apply(nativeThen, promise, [undefined, error => {
    if (isAggregate(error) && !hasOwn(error, "message")) setOwn(error, "message", "all promises were rejected");
  }]);
  return promise;
}

// A promise has no form as text, number or JSON: whoever asks for one forgot to wait.
const UNAWAITED = "what is used here is a promise; an `await` is missing before the call that it comes from";

// What these make may be dropped like any other promise.
function watchMade(name, make) {
  setOwn(NativePromise, name, { [name](...args) {
    const made = track(apply(make, this, args));
    if (isArray(args[0])) partsOf.set(made, [...args[0]]);
    return made;
  } }[name]);
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
    const { value, get } = getDescriptor(globalThis, name);
    if (get !== undefined) continue;
    if (typeof value === "function" || typeof value === "object" && value !== null && value !== globalThis) {
      freeze(value);
      if (value.prototype) freeze(value.prototype);
    }
    defineProperty(globalThis, name, { writable: false, configurable: false });
  }
  for (const hidden of [...HIDDEN, NativeRange, NativeInternal, NativeSuppressed]) {
    for (let object = hidden; object !== null && object !== ObjectPrototype; object = getPrototypeOf(object)) {
      freeze(object);
      if (typeof object.constructor === "function") freeze(object.constructor);
    }
  }
}

const shownPrototypes = new Map();    // what stands for a prototype that spells must not get hold of
const shownPrototype = proto => (proto === NativeRange || proto === NativeInternal ? apply(mapGet, shownPrototypes, [proto]) : proto);
const mapGet = Map.prototype.get;

// Errors that the VM makes keep prototypes of their own, which spells cannot reach: none can be forged, and so no limit.
function hideNatives() {
  for (const [name, hidden] of [["RangeError", NativeRange], ["InternalError", NativeInternal]]) {
    const type = errorType(name);
    for (const key of ownKeys(hidden)) delete hidden[key];
    setPrototypeOf(hidden, type.prototype);
    shownPrototypes.set(hidden, type.prototype);
    setOwn(globalThis, name, type);
  }
  const { get: nativeProto, set } = getDescriptor(ObjectPrototype, "__proto__");
  const shown = { getPrototypeOf: object => shownPrototype(getPrototypeOf(object)) }.getPrototypeOf;
  const reflectProto = Reflect.getPrototypeOf;
  setOwn(Object, "getPrototypeOf", shown);
  setOwn(Reflect, "getPrototypeOf", { getPrototypeOf: object => shownPrototype(reflectProto(object)) }.getPrototypeOf);
  const { get } = { get() { return shownPrototype(apply(nativeProto, this, [])); } };
  defineProperty(ObjectPrototype, "__proto__", { get, set, enumerable: false, configurable: false });
}

// Returns a class of errors, as the language's own ones are made.
function errorType(name) {
  const type = function (...args) { return construct(NativeError, args, new.target ?? type); };
  const prototype = Object.create(ErrorPrototype);
  for (const [key, value] of entriesOf({ constructor: type, name, message: "" })) letOverride(prototype, key, value);
  defineProperty(type, "prototype", { value: prototype, writable: false });
  defineProperty(type, "name", { value: name });
  defineProperty(type, "length", { value: 1 });
  return setPrototypeOf(type, NativeError);
}

const CATCHES = /(?<![.\w$])(?:catch|finally)\b/, THROWS = /\bthrow\b/;

// Returns code that a spell makes at run time. What it would catch nobody could look at first.
function madeCode(code) {
  if (CATCHES.test(code)) throw new EvalError("code that is made at run time cannot catch errors; put the try around its call");
  nullThrown ||= THROWS.test(code);
  return code;
}

// Evaluation sees the globals only, and makers of functions as well look at the code.
function guardMadeCode() {
  const shown = { eval: code => (typeof code === "string" ? nativeEval(madeCode(code)) : code) }.eval;
  const get = () => {
    const given = isOwnEval ? nativeEval : shown;
    isOwnEval = false;
    return given;
  };
  defineProperty(globalThis, "eval", { get, set: undefined, enumerable: false, configurable: false });
  for (const made of [function () {}, async function () {}, function* () {}, async function* () {}]) {
    const { constructor } = getPrototypeOf(made);
    const maker = function (...parts) { return construct(constructor, parts.map(part => madeCode(`${part}`)), new.target ?? maker); };
    for (const key of ["name", "length", "prototype"]) defineProperty(maker, key, getDescriptor(constructor, key));
    defineProperty(constructor.prototype, "constructor", { value: maker });
    if (constructor === Function) setOwn(globalThis, "Function", maker);
    else setPrototypeOf(maker, globalThis.Function);
  }
}

const GENERATORS = [function* () {}, async function* () {}].map(made => getPrototypeOf(made.prototype));

// Prototypes that no global names.
const HIDDEN = [
  getPrototypeOf(function* () {}), getPrototypeOf(async function () {}), getPrototypeOf(async function* () {}),
  getPrototypeOf(function* () {}).prototype, getPrototypeOf(async function* () {}).prototype, getPrototypeOf(Uint8Array),
  getPrototypeOf(Uint8Array.prototype), [][Symbol.iterator](), new Map().entries(), new Set().values(), ""[Symbol.iterator](),
  "".matchAll(/(?:)/g), Iterator.from({ next() {} }), [].values().map(value => value),
].map(object => (typeof object === "function" || hasOwn(object, "constructor") ? object : getPrototypeOf(object)));

keep(texts);
arguments[0] = texts = "";            // direct evaluation keeps both for ever
install();
return enter;
