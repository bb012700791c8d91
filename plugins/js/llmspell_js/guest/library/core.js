// The module `core`: small things that most spells need.

(() => {
  const { refuse, expect, expectText, expectList, expectFunction, expectNumber, expectWhole, isMap, isPlain, isPromise, nameOf, define, deepCopy } = lazy("library/shapes");
  const { stepInto } = lazy("library/paths");

  // Text ---------------------------------------------------------------------------------------------------------

  function filled(values, place, name) {
    if (!/^[A-Za-z_\x80-\uffff][\w.\x80-\uffff-]*$/.test(name)) throw new SpellError(`the template has '${place}', which names no value; write {{name}}, or \\{{ for the text`, { kind: "template" });
    let value = values;
    for (const key of name.split(".")) value = stepInto(value, key);
    if (value === undefined) throw new SpellError(`the template needs a value for '${name}'`, { kind: "template", data: { variable: name } });
    return typeof value === "string" ? value : lazy("json").json.encode(value);
  }

  // Puts values into `{{places}}`; `\{{` stands for the text itself.
  function template(text, values) {
    expectText(text, "template");
    expect(isPlain(values), "template", "an object of values", values);
    return text.replace(/\\\{\{|\{\{[ \t-\r]*([^{}]*?)[ \t-\r]*\}\}/g, (place, name) => (name === undefined ? "{{" : filled(values, place, name)));
  }

  const FOLDS = "a=àáâãäåāăą c=çćĉċč d=ďđð e=èéêëēĕėęě g=ĝğġģ h=ĥħ i=ìíîïĩīĭįıİ j=ĵ k=ķ l=ĺļľŀł n=ñńņňŋ o=òóôõöøōŏő r=ŕŗř s=śŝşš t=ţťŧ u=ùúûüũūŭůűų w=ŵ y=ýÿŷ z=źżž ss=ß ae=æ oe=œ th=þ";
  let folds;

  function foldTable() {
    folds = new Map();
    for (const entry of FOLDS.split(" ")) {
      const [plainText, letters] = entry.split("=");
      for (const letter of letters) folds.set(letter, plainText);
    }
  }

  // Returns text for addresses and file names: small letters, digits, and dashes between.
  function slugify(text, dash = "-") {
    expectText(text, "slugify");
    expectText(dash, "slugify");
    if (folds === undefined) foldTable();
    const plainText = text.replace(/[\xc0-\u017e]/g, letter => folds.get(letter) ?? folds.get(letter.toLowerCase()) ?? letter);
    return plainText.replace(/[A-Z]+/g, letters => letters.toLowerCase()).split(/[\0-\x2f\x3a-\x60\x7b-\xbf\u2000-\u206f\u3000-\u3003]+/).filter(Boolean).join(dash);
  }

  // Letters have two cases here that have them in every engine alike: Latin ones with their accents, Greek, Cyrillic.
  const CASED = /[A-Za-z\xc0-\u012f\u0132-\u0137\u0139-\u0148\u014a-\u017e\u0391-\u03a9\u03b1-\u03c1\u03c3-\u03c9\u0400-\u045f]/g;
  const recased = (text, change) => text.replace(CASED, letter => (change(letter).length === 1 ? change(letter) : letter));
  const capitalize = text => recased(expectText(text, "capitalize").slice(0, 1), letter => letter.toUpperCase()) + text.slice(1);

  function wordsOf(text, name) {
    expectText(text, name);
    const parted = text.replace(/([a-z\d\x80-\uffff])([A-Z])/g, "$1 $2").replace(/([A-Z])([A-Z][a-z])/g, "$1 $2");
    return (parted.match(/[A-Za-z\d\x80-\uffff]+/g) ?? []).map(word => recased(word, letter => letter.toLowerCase()));
  }

  const camelcase = text => wordsOf(text, "camelcase").map((word, i) => (i === 0 ? word : capitalize(word))).join("");
  const snakecase = text => wordsOf(text, "snakecase").join("_");

  // Returns the text in at most so many characters, the mark at its end where something was cut off.
  function truncate(text, size, mark = "...") {
    const characters = [...expectText(text, "truncate")];
    expectWhole(size, "truncate", 0);
    const marks = [...expectText(mark, "truncate")];
    if (characters.length <= size) return text;
    const left = size - marks.length;
    return left <= 0 ? marks.slice(0, size).join("") : characters.slice(0, left).join("") + mark;
  }

  // Returns the parts between separators, at most so many; without a separator the words, with "" the characters.
  function split(text, separator, limit) {
    expectText(text, "split");
    if (separator == null) return text.match(/[^ \t\r\n\v\f]+/g) ?? [];
    expectText(separator, "split");
    if (limit != null) expectWhole(limit, "split", 1);
    if (separator === "") return [...text];
    const parts = text.split(separator);
    if (limit == null || parts.length <= limit) return parts;
    return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
  }

  const trim = text => expectText(text, "trim").replace(/^[ \t\r\n\v\f]+/, "").replace(/(?<![ \t\r\n\v\f])[ \t\r\n\v\f]+$/, "");
  const startsWith = (text, start) => expectText(text, "startsWith").startsWith(expectText(start, "startsWith"));
  const endsWith = (text, ending) => expectText(text, "endsWith").endsWith(expectText(ending, "endsWith"));

  // Lists and maps -----------------------------------------------------------------------------------------------

  const expectTable = (value, name) => expect(isPlain(value), name, "a list or an object", value);
  const keys = table => (isArray(expectTable(table, "keys")) ? table.map((_, i) => i) : keysOf(table));
  const values = table => keysOf(expectTable(table, "values")).map(key => table[key]);

  // Returns a new object with the fields of all, those of later ones first.
  function merge(...tables) {
    const made = {};
    for (const table of tables) for (const key of keysOf(expectTable(table, "merge"))) define(made, key, table[key]);
    return made;
  }

  function placeOf(position) {
    if (position == null) return undefined;
    expect(typeof position === "number", "slice", "whole numbers", position);
    return Math.floor(position) === position ? position : refuse(`slice takes whole numbers, not ${position}`);
  }

  const slice = (list, from, to) => expectList(list, "slice").slice(placeOf(from), placeOf(to));
  const reverse = list => expectList(list, "reverse").toReversed();

  // Returns the items in a random order, by the run's seed.
  function shuffle(list) {
    const made = [];
    for (let i = 0; i < expectList(list, "shuffle").length; i++) {
      const j = Math.floor(random() * (i + 1));
      made[i] = made[j];
      made[j] = list[i];
    }
    return made;
  }

  const contains = (table, wanted) => values(expectTable(table, "contains")).includes(wanted);
  const isEmpty = value => value == null || value === "" || isPlain(value) && keysOf(value).length === 0;
  const isCallable = value => typeof value === "function";

  // Functions ----------------------------------------------------------------------------------------------------

  // Returns a function that calls `fn` once no call has come for so many seconds; calls answer a promise of its result.
  function debounce(fn, seconds) {
    expectFunction(fn, "debounce");
    expectNumber(seconds, "debounce", 0);
    let timer, made;
    return (...args) => {
      if (timer !== undefined) clearTimer(timer);
      else made = withResolvers();
      const { promise, resolve, reject } = made;
      timer = setTimeout(() => {
        timer = undefined;
        apply(nativeThen, (async () => fn(...args))(), [resolve, reject]);
      }, seconds * 1000);
      return track(promise);
    };
  }

  // Returns a function that calls `fn` at most once in so many seconds; calls in between answer the last result.
  function throttle(fn, seconds) {
    expectFunction(fn, "throttle");
    expectNumber(seconds, "throttle", 0);
    let last, result;
    return (...args) => {
      if (last === undefined || now - last >= seconds) {
        last = now;
        result = fn(...args);
      }
      return result;
    };
  }

  function keyOf(...args) {
    return args.map(arg => {
      if (arg === undefined || typeof arg !== "function" && typeof arg !== "symbol" && (typeof arg !== "object" || arg === null || isPlain(arg))) {
        return typeof arg === "bigint" || typeof arg === "number" ? `${Object.is(arg, -0) ? "-0" : arg}` : stringify(lower(arg, "$", 0, []));
      }
      return refuse(`memoize cannot tell calls apart by ${nameOf(arg)}; give it a function that makes a key`);
    }).join();
  }

  // Returns a function that calls `fn` once for each set of arguments; what fails is tried again.
  function memoize(fn, key = keyOf) {
    expectFunction(fn, "memoize");
    expectFunction(key, "memoize");
    const known = new Map();
    return (...args) => {
      const name = key(...args);
      if (name == null) refuse("memoize takes a function that makes a key, not one that makes nothing");
      if (known.has(name)) return known.get(name);
      const result = fn(...args);
      known.set(name, result);
      if (isPromise(result)) apply(nativeThen, result, [undefined, () => { known.delete(name); }]);
      return result;
    };
  }

  const core = {
    template, slugify, truncate, split, trim, capitalize, camelcase, snakecase, startsWith, endsWith,
    keys, values, merge, deepCopy, slice, reverse, shuffle, contains, isEmpty,
    isCallable, isArray, isObject: isMap, debounce, throttle, memoize,
  };
  return { core };
})()
