// Bridges and handles: names whose every method is a call.

const handles = new Map();            // number -> WeakRef of its proxy
const handleRegistry = new FinalizationRegistry(id => {
  if (handles.get(id)?.deref() !== undefined) return;
  handles.delete(id);
  dropped.push(id);
});
const refuseChange = () => false;
function refuseValue() {
  throw new TypeError("a bridge or handle is read-only; keep your own values in an object of your own");
}
const READ_ONLY = { set: refuseValue, defineProperty: refuseChange, deleteProperty: refuseChange, setPrototypeOf: refuseChange, preventExtensions: refuseChange };
const methodsOf = new WeakMap();       // the methods of bridges, by the bridge
const NOTHING = { __proto__: freeze({ __proto__: null }) };   // not what a map of the spell's inherits from

// Returns the object whose properties call methods of `target`, but for those of its own, which `owner()` returns.
// What a handle's method returns holds the handle, so that it is not released in the middle of a call; where that is a
// builder's, calls can be written in a row.
function remote(target, owner, holds) {
  const methods = { __proto__: null };
  const proxy = new Proxy(NOTHING, {
    ...READ_ONLY,
    get(_, name, receiver) {
      const method = methods[name];
      if (method !== undefined) return method;
      const own = owner();
      if (name in own) return own[name];
      if (typeof name === "symbol" || NO_METHOD.has(name)) return undefined;
      const head = methodHead(target, name);
      if (holds === BUILDER) return (...args) => chained(call(head, args, receiver));
      if (holds) return (...args) => call(head, args, receiver);
      return methods[name] = freeze(name === "builder" ? (...args) => chained(call(head, args)) : (...args) => call(head, args));
    },
    has: (_, name) => name in owner() || typeof name === "string" && !NO_METHOD.has(name),
  });
  hostObjects.add(proxy);
  if (!holds) methodsOf.set(proxy, methods);
  return proxy;
}

const BUILDER = "Builder";
const chained = promise => (sources["library/chain"] === undefined ? promise : lazy("library/chain")(promise));

// What the language itself asks of any object: a bridge must not take it for a method.
const NO_METHOD = new Set(["then", "toJSON", "constructor", "valueOf", "__proto__"]);

function ownOf(label, more) {
  return { __proto__: null, [Symbol.toStringTag]: label, toString: () => `[object ${label}]`, ...more };
}

function bridgeOf(name) {
  let own;
  const make = () => ownOf(name, WITH_GUESTS.has(name) ? lazily(name) : guestModule(name));
  return remote(name, () => own ??= make(), false);
}

// Returns a part of the guest that is compiled when a function of it is called.
function lazily(name) {
  const made = { __proto__: null };
  for (const method of ["params", "output", "onStart", "onComplete", "onError", "onCleanup", "resource", "include", "library"])
    made[method] = (...args) => lazy(name)[method](...args);
  return made;
}

function handleOf(id, type, iterable) {
  const known = handles.get(id)?.deref();
  if (known !== undefined) return known;
  const label = type || "Handle";
  const own = ownOf(label, iterable ? walkOf(id) : undefined), proxy = remote(id, () => own, label === BUILDER ? BUILDER : true);
  handleIds.set(proxy, id);
  handles.set(id, new NativeWeakRef(proxy));
  handleRegistry.register(proxy, id);
  return proxy;
}

// An asynchronous iterator over a handle: `next` answers [item], or null after the last.
function walkOf(id) {
  const next = methodHead(id, "next"), close = methodHead(id, "close");
  return {
    [Symbol.asyncIterator]() {
      const handle = handles.get(id).deref();
      return {
        async next() {
          const item = await call(next, [], handle);
          return item === null ? { value: undefined, done: true } : { value: item[0], done: false };
        },
        async return(value) {
          try {
            await call(close, [], handle);
          } catch (error) {
            if (error.kind !== "unknown_method") throw error;
          }
          return { value, done: true };
        },
        [Symbol.asyncIterator]() { return this; },
      };
    },
  };
}

const bridgeName = name => (name.includes("_") ? name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()) : name);

// Makes the globals of the run and starts its main code.
function begin(params, bridges) {
  defineProperty(globalThis, "params", { value: params, writable: false, enumerable: false, configurable: false });
  for (const name of bridges) {
    const shown = bridgeName(name), isGuest = GUESTS.has(name);
    if (!isGuest && shown in globalThis) continue; // what the language has by that name stays
    named.set(name, name).set(shown, name);
    if (!isGuest) provide(shown, () => moduleNamed(name));
  }
  run(main());
}

// Returns what the spell's code finds by that name, a bridge made when it is first touched; undefined for others.
function moduleNamed(name) {
  const found = named.get(name);
  if (typeof found !== "string") return found;
  const bridge = bridgeOf(found);
  named.set(found, bridge).set(bridgeName(found), bridge);
  return bridge;
}

function provide(name, get) {
  defineProperty(globalThis, name, { get, set: undefined, enumerable: false, configurable: false });
}
