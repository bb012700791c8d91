// Errors as script values, and where in the spell they come from.

const nativeStack = getDescriptor(ErrorPrototype, "stack").get;
const nativeCapture = NativeError.captureStackTrace;
const frameForm = /^\s+at (?:(.*) \()?<input>:(\d+):\d+\)?$/;
let starts = [];                      // [[file, first line], ...] of the program, in order
let memoryAllowed = null, memoryFailure;

class SpellError extends NativeError {
  constructor(message, fields) {
    super(message);
    if (typeof fields !== "object" || fields === null) return;
    for (const key of ["kind", "data", "cause"]) if (fields[key] !== undefined) setOwn(this, key, fields[key]);
  }
}
defineProperty(SpellError.prototype, "name", { value: "SpellError", writable: true, configurable: true });

function setOwn(object, key, value) {
  defineProperty(object, key, { value, writable: true, enumerable: false, configurable: true });
}

// Returns the frames of native stack text that lie in the spell: [[function, file, line], ...].
function framesOf(stack) {
  const found = [];
  if (typeof stack !== "string") return found;
  for (const text of stack.split("\n")) {
    const match = frameForm.exec(text);
    if (match === null) continue;
    const line = Number(match[2]);
    if (line < PRELUDE) found.push([match[1] ?? "", "<eval>", line]);
    else if (line >= BASE) found.push([match[1] ?? "", ...placeOf(line)]);
  }
  return found;
}

function placeOf(line) {
  for (let i = starts.length - 1; i >= 0; i--) if (line >= starts[i][1]) return [starts[i][0], line - starts[i][1] + 1];
  return ["<eval>", line];
}

function traceOf(frames) {
  return frames.map(([name, file, line]) => `    at ${name ? `${name} (${file}:${line})` : `${file}:${line}`}`).join("\n");
}

let lastThrown, lastThrow;            // what was thrown that is no error and has no place of its own

// Notes where a value that is no error is thrown.
function thrown(value) {
  lastThrown = value;
  lastThrow = new NativeError();
  return value;
}

// The VM throws null when not even an error fits into memory; a null of the spell's own is noted where it is thrown.
// It may also throw nothing at all, or an error without words.
function isMemoryError(error) {
  if (memoryAllowed === null) return false;
  if (error === null) return lastThrow === undefined || lastThrown !== null;
  if (typeof error === "unknown") return true;
  const message = read(error, "message");
  return (message === "out of memory" || message === "") && protoOf(error) === InternalError.prototype;
}

// Tells whether a few pages more do not fit.
function isFull() {
  try {
    return new NativeBuffer(65536).byteLength === 0;
  } catch {
    return true;
  }
}

const frames = error => (isError(error) ? framesOf(apply(nativeStack, error, [])) : []);
// The first frame in a file; what code made by eval says of its lines helps nobody.
const firstOf = list => list.find(frame => frame[1] !== "<eval>") ?? list[0];

// What every error answers when it has no field of its own by that name.
const errorDefaults = {
  kind: () => "runtime",
  file: error => firstOf(frames(error))?.[1],
  line: error => firstOf(frames(error))?.[2],
  traceback: error => traceOf(frames(error)) || undefined,
  stack: error => {
    if (!isError(error)) return undefined;
    const trace = traceOf(frames(error));
    return `${headOf(error)}${trace && "\n"}${trace}`;
  },
};

function headOf(error) {
  const name = textOf(error, "name") ?? "Error", message = textOf(error, "message");
  return message ? `${name}: ${message}` : name;
}

function read(object, key) {
  try {
    return object[key];
  } catch {
    return undefined;
  }
}

function protoOf(value) {
  try {
    return getPrototypeOf(value);
  } catch {
    return null;
  }
}

function textOf(object, key) {
  const value = read(object, key);
  return typeof value === "string" ? value.toWellFormed() : undefined;
}

const describe = (thrown, level) => lazy("describe")(thrown, level);

// Returns the error that fields from the host stand for.
function errorOf(fields) {
  const error = new SpellError(fields.message, { kind: fields.kind, data: fields.data });
  if (fields.cause !== undefined) setOwn(error, "cause", fields.cause instanceof SpellError ? fields.cause : errorOf(fields.cause));
  for (const key of ["file", "line", "traceback"]) setOwn(error, key, fields[key]);
  return error;
}

// Returns the error of a call that the host rejected, placed where the spell made the call.
function rejectionOf(fields, site) {
  const error = errorOf(fields), at = frames(site);
  const first = firstOf(at);
  if (error.file === undefined && first !== undefined) {
    setOwn(error, "file", first[1]);
    setOwn(error, "line", first[2]);
    setOwn(error, "traceback", traceOf(at));
  }
  setOwn(error, "stack", `${headOf(error)}\n${traceOf(at)}`);
  return error;
}
