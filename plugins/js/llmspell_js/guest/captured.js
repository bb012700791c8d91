// The builtins that the guest code uses, taken before any code of the spell has run.

const { apply, construct, ownKeys } = Reflect;
const { freeze, defineProperty, getPrototypeOf, setPrototypeOf, getOwnPropertyDescriptor: getDescriptor, keys: keysOf, entries: entriesOf, hasOwn } = Object;
const { isArray } = Array;
const { stringify, parse } = JSON;
const { isError } = Error;
const NativeBuffer = ArrayBuffer, NativeError = Error, NativePromise = Promise, NativeDate = Date, NativeWeakRef = WeakRef;
const ObjectPrototype = Object.prototype, ErrorPrototype = Error.prototype;
const NativeRange = RangeError.prototype, NativeInternal = InternalError.prototype, NativeSuppressed = SuppressedError.prototype;
const nativeEval = eval;
const nativeThen = Promise.prototype.then, nativeReject = Promise.reject;
const withResolvers = () => apply(nativeWithResolvers, NativePromise, []);
const nativeWithResolvers = Promise.withResolvers;
const RESOLVED = Promise.resolve();
const mapEntries = Map.prototype.entries, setValues = Set.prototype.values;
const byteLengthOf = getDescriptor(ArrayBuffer.prototype, "byteLength").get;
const arrayTagOf = getDescriptor(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
const fromBase64 = text => Uint8Array.fromBase64(text);
const toBase64 = bytes => apply(nativeToBase64, bytes, []);
const nativeToBase64 = Uint8Array.prototype.toBase64;

// Returns the value's bytes when it is a Uint8Array or an ArrayBuffer.
function bytesOf(value) {
  if (apply(arrayTagOf, value, []) === "Uint8Array") return value;
  if (!(value instanceof ArrayBuffer)) return undefined;
  apply(byteLengthOf, value, []);
  return new Uint8Array(value);
}

const BRANDS = [Map, Set, Promise, RegExp, WeakMap, WeakSet, Number, String, Boolean, Symbol, BigInt, getPrototypeOf(Uint8Array), DataView];
const BRAND_NAMES = ["Map", "Set", "Promise", "RegExp", "WeakMap", "WeakSet", "Number", "String", "Boolean", "Symbol", "BigInt", "typed array", "DataView"];

// Returns the name of the builtin class of an object, or "" when it is a plain one or of the spell's own class.
function brand(value) {
  const proto = getPrototypeOf(value);
  if (proto === ObjectPrototype || proto === null) return "";
  for (let i = 0; i < BRANDS.length; i++) if (value instanceof BRANDS[i]) return BRAND_NAMES[i];
  return "";
}

const unboxers = { Number: Number.prototype.valueOf, String: String.prototype.valueOf, Boolean: Boolean.prototype.valueOf };
const unbox = (kind, value) => apply(unboxers[kind], value, []);
