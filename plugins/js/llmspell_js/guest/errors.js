// Errors as script values, and where in the spell they come from.

const nativeStack = getDescriptor(ErrorPrototype, "stack").get;
const nativeCapture = NativeError.captureStackTrace;
const frameForm = /^\s+at (?:(.*) \()?<input>:(\d+):\d+\)?$/;
const PARSED = "    at parse (native)"; // follows a place in a JSON text, which is none in the spell
let starts = [];                      // [[file, first line], ...] of the program, in order
let memoryAllowed = null, memoryFailure, stackAllowed;

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
  const lines = stack.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const match = frameForm.exec(lines[i]);
    if (match === null || lines[i + 1] === PARSED) continue;
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
let nullThrown = false;               // whether the spell has thrown a null of its own

// Notes where a value that is no error is thrown.
function thrown(value) {
  if (isError(value)) return value;
  nullThrown ||= value === null;
  lastThrown = value;
  lastThrow = new NativeError();
  return value;
}

// Tells what the VM means by an error: "memory" or "stack" when it was short of it. Its own errors have a prototype
// that no spell gets hold of. It throws null when not even an error fits into memory; those of the spell's own are noted
// where they are thrown. It may also throw nothing at all, or an error without words.
function shortage(error) {
  if (error === null) return !nullThrown || isFull() ? "memory" : undefined;
  if (typeof error === "unknown") return "memory";
  if (!isError(error)) return undefined;
  const proto = getPrototypeOf(error);
  if (proto === NativeRange) return error.message === "Maximum call stack size exceeded" ? "stack" : undefined;
  if (proto === NativeInternal) return error.message === "out of memory" || error.message === "" ? "memory" : undefined;
  return undefined;
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

const isAggregate = error => protoOf(error) === AggregateError.prototype;

// What every error answers when it has no field of its own by that name.
const errorDefaults = {
  kind: error => (isAggregate(error) ? "aggregate" : "runtime"),
  data: error => (isAggregate(error) ? error.errors : undefined),
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

// Returns where in the spell an error was made, as far as there is memory to tell.
function placeOfError(error) {
  try {
    const first = firstOf(frames(error));
    return first === undefined ? {} : { file: first[1], line: first[2] };
  } catch {
    return {};
  }
}

// Returns whatever was thrown as an error.
function valueOf(thrown) {
  if (isError(thrown)) return thrown;
  if (typeof thrown === "string") return new SpellError(thrown);
  const message = textOf(thrown ?? {}, "message");
  if (message === undefined) return new SpellError(thrown == null ? "<no error object>" : formatAll([thrown]), { data: thrown });
  return new SpellError(message, { kind: textOf(thrown, "kind"), data: read(thrown, "data"), cause: read(thrown, "cause") });
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
