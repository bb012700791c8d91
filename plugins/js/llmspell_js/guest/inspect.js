// How values look in the console.

(() => {
  const WIDTH = 72, DEEPEST = 3, MOST = 100;

  // Returns the arguments of a console call as one text; `%s` and its like take arguments when the first is text.
  function format(args) {
    let rest = args, head = [];
    if (typeof args[0] === "string" && args[0].includes("%")) {
      rest = args.slice(1);
      head = [args[0].replace(/%[sdifjoOc%]/g, mark => {
        if (mark === "%%") return "%";
        return rest.length === 0 ? mark : filled(mark, rest.shift());
      })];
    }
    return [...head, ...rest.map(arg => (typeof arg === "string" ? arg : inspect(arg)))].join(" ");
  }

  function filled(mark, value) {
    switch (mark) {
      case "%s": return typeof value === "string" ? value : inspect(value);
      case "%d": return typeof value === "object" ? "NaN" : String(Number(value));
      case "%i": return typeof value === "object" ? "NaN" : String(parseInt(value));
      case "%f": return typeof value === "symbol" ? "NaN" : String(parseFloat(value));
      case "%j": return tryJson(value);
      case "%c": return "";
      default: return inspect(value);
    }
  }

  function tryJson(value) {
    try {
      return stringify(value) ?? "undefined";
    } catch {
      return "[Circular]";
    }
  }

  function inspect(value, depth = 0, above = []) {
    switch (typeof value) {
      case "string": return quoted(value);
      case "number": return Object.is(value, -0) ? "-0" : String(value);
      case "bigint": return `${value}n`;
      case "symbol": return Symbol.prototype.toString.call(value);
      case "function": return shownFunction(value);
      case "object": return value === null ? "null" : shownObject(value, depth, above);
      default: return String(value);
    }
  }

  const quoted = text => (text.includes("'") && !text.includes('"') ? stringify(text) : `'${stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`);

  function field(object, key) {
    const found = getDescriptor(object, key);
    return found === undefined ? undefined : found.value;
  }

  function shownFunction(value) {
    const name = field(value, "name"), isClass = /^class\b/.test(Function.prototype.toString.call(value));
    return `[${isClass ? "class" : "Function"}${typeof name === "string" && name ? `${isClass ? "" : ":"} ${name}` : isClass ? "" : " (anonymous)"}]`;
  }

  function shownObject(value, depth, above) {
    if (hostObjects.has(value)) return `[${value[Symbol.toStringTag]}]`;
    if (above.includes(value)) return "[Circular]";
    try {
      return shownByKind(value, depth, [...above, value]);
    } catch {
      return "[object that cannot be shown]";
    }
  }

  function shownByKind(value, depth, above) {
    const show = item => inspect(item, depth + 1, above);
    if (isError(value)) return shownError(value, depth, above);
    if (value instanceof NativeDate) return Number.isNaN(NativeDate.prototype.getTime.call(value)) ? "Invalid Date" : NativeDate.prototype.toISOString.call(value);
    const kind = brand(value);
    if (kind === "RegExp") return RegExp.prototype.toString.call(value);
    if (kind === "Promise" || guestObjects.get(value)?.startsWith("promise")) return "Promise {}";
    if (kind === "Number" || kind === "String" || kind === "Boolean") return `[${kind}: ${show(unbox(kind, value))}]`;
    const deep = depth > DEEPEST;
    const name = nameOf(value);
    if (isArray(value)) return deep ? "[Array]" : wrap(name === "Array" ? "" : `${name}(${value.length}) `, "[", [...listed(value, show), ...fields(value, show)], "]");
    if (kind === "Map" && !deep) return wrap(`Map(${value.size}) `, "{", few([...apply(mapEntries, value, [])], ([key, item]) => `${show(key)} => ${show(item)}`), "}");
    if (kind === "Set" && !deep) return wrap(`Set(${value.size}) `, "{", few([...apply(setValues, value, [])], show), "}");
    if (kind === "typed array" || bytesOf(value)) return wrap(`${name}(${value.length ?? value.byteLength}) `, "[", few(bytesOf(value) ?? value, show), "]");
    if (deep) return `[${name || "Object"}]`;
    const prefix = name === "Object" ? "" : name === "" ? "[Object: null prototype] " : `${name} `;
    return wrap(prefix, "{", fields(value, show), "}");
  }

  function shownError(value, depth, above) {
    const trace = traceOf(frames(value));
    const extra = ["kind", "data", "cause", ...keysOf(value)].filter((key, i, all) => all.indexOf(key) === i && hasOwn(value, key) && !/^(name|message|stack|file|line|traceback)$/.test(key));
    const shown = extra.filter(key => field(value, key) !== undefined).map(key => `${key}: ${inspect(field(value, key), depth + 1, above)}`);
    return `${headOf(value)}${trace && `\n${trace}`}${shown.length === 0 ? "" : ` ${wrap("", "{", shown, "}")}`}`;
  }

  function nameOf(value) {
    for (let object = value; object !== null; object = getPrototypeOf(object)) {
      const found = field(object, "constructor") ?? namesOfShared.get(object);
      if (typeof found === "function") return String(field(found, "name") ?? "");
    }
    return "";
  }

  const namesOfShared = new Map([...OVERRIDDEN_IN, NativePromise, RangeError, InternalError].map(type => [type.prototype, type]));

  function listed(list, show) {
    const made = [];
    for (let i = 0; i < list.length && i < MOST; i++) made.push(i in list ? accessed(list, i, show) : "<empty>");
    if (list.length > MOST) made.push(`... ${list.length - MOST} more`);
    return made;
  }

  function accessed(object, key, show) {
    const { get, set, value } = getDescriptor(object, key) ?? {};
    return get ? (set ? "[Getter/Setter]" : "[Getter]") : set ? "[Setter]" : show(value);
  }

  function few(items, show) {
    const made = Array.from(items.slice(0, MOST), item => show(item));
    if (items.length > MOST) made.push(`... ${items.length - MOST} more`);
    return made;
  }

  function fields(object, show) {
    const keys = ownKeys(object).filter(key => getDescriptor(object, key)?.enumerable && !(isArray(object) && /^\d+$/.test(String(key))));
    const made = keys.slice(0, MOST).map(key => `${keyText(key)}: ${accessed(object, key, show)}`);
    if (keys.length > MOST) made.push(`... ${keys.length - MOST} more`);
    return made;
  }

  const keyText = key => (typeof key === "symbol" ? `[${String(key)}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key));

  function wrap(prefix, open, items, close) {
    if (items.length === 0) return `${prefix}${open}${close}`;
    const gap = open === "[" ? " " : " ", line = items.join(", ");
    if (line.length <= WIDTH && !line.includes("\n")) return `${prefix}${open}${gap}${line}${gap}${close}`;
    return `${prefix}${open}\n  ${items.join(",\n").replaceAll("\n", "\n  ")}\n${close}`;
  }

  return { format, inspect };
})()
