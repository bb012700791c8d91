// Time from the event clock, in UTC; randomness from the seed.

const zoned = /^\s*\d{4}(-\d\d){0,2}\s*$|(?:Z|GMT|UTC?|[+-]\d\d:?\d\d)\s*(?:\([^)]*\))?\s*$/i;
const DatePrototype = NativeDate.prototype;
const milliseconds = () => Math.floor(now * 1000);

// Returns the time that text stands for; text without a zone is in UTC.
function parseTime(text) {
  text = `${text}`;
  const date = new NativeDate(text);
  if (zoned.test(text)) return +date;
  return localTime(date, "FullYear", "Month", "Date", "Hours", "Minutes", "Seconds", "Milliseconds");
}

const localGetters = { __proto__: null };
for (const part of ["FullYear", "Month", "Date", "Hours", "Minutes", "Seconds", "Milliseconds"])
  localGetters[part] = DatePrototype[`get${part}`];
const localTime = (date, ...parts) => NativeDate.UTC(...parts.map(part => apply(localGetters[part], date, [])));

const ClockDate = function Date(...args) {
  if (new.target === undefined) return dateText(new NativeDate(milliseconds()));
  return construct(NativeDate, [timeOf(args)], new.target);
};

function timeOf(args) {
  if (args.length === 0) return milliseconds();
  if (args.length > 1) return NativeDate.UTC(...args);
  const [value] = args;
  if (typeof value === "string") return parseTime(value);
  if (typeof value !== "object" || value === null) return value;
  try {
    return apply(DatePrototype.getTime, value, []);
  } catch {
    const plain = value[Symbol.toPrimitive]?.("default") ?? value.valueOf();
    return typeof plain === "object" ? parseTime(value.toString()) : typeof plain === "string" ? parseTime(plain) : plain;
  }
}

const utcText = DatePrototype.toUTCString;
function dateText(date) {
  const text = apply(utcText, date, []);       // Thu, 01 Jan 1970 00:00:00 GMT
  return text.replace(/^(\w+), (\d+) (\w+) (\S+) (\S+) GMT$/, "$1 $3 $2 $4 $5 GMT+0000 (UTC)");
}
const dayText = date => dateText(date).slice(0, 15), hourText = date => dateText(date).slice(16);

function installClock() {
  for (const part of ["FullYear", "Month", "Date", "Hours", "Minutes", "Seconds", "Milliseconds"]) {
    setOwn(DatePrototype, `get${part}`, DatePrototype[`getUTC${part}`]);
    setOwn(DatePrototype, `set${part}`, DatePrototype[`setUTC${part}`]);
  }
  setOwn(DatePrototype, "getDay", DatePrototype.getUTCDay);
  const texts = { toString: dateText, toDateString: dayText, toTimeString: hourText };
  for (const name of keysOf(texts)) setOwn(DatePrototype, name, { [name]() { return texts[name](this); } }[name]);
  setOwn(DatePrototype, "getTimezoneOffset", { getTimezoneOffset() { return apply(DatePrototype.getTime, this, []) * 0; } }.getTimezoneOffset);
  setOwn(DatePrototype, "constructor", ClockDate);
  defineProperty(ClockDate, "prototype", { value: DatePrototype, writable: false });
  defineProperty(ClockDate, "length", { value: 7 });
  setOwn(ClockDate, "now", milliseconds);
  setOwn(ClockDate, "parse", { parse: text => parseTime(text) }.parse);
  setOwn(ClockDate, "UTC", NativeDate.UTC);
  setOwn(globalThis, "Date", ClockDate);
  setOwn(globalThis, "performance", freeze({ now: () => (now - began) * 1000, get timeOrigin() { return began * 1000; } }));
  setOwn(Math, "random", random);
}

// xoshiro128**, its state filled by splitmix32.
const dice = new Uint32Array(4);
function seedRandom(seed) {
  let state = seed >>> 0 ^ Math.floor(seed / 2 ** 32);
  for (let i = 0; i < 4; i++) {
    state = state + 0x9e3779b9 | 0;
    let mixed = Math.imul(state ^ state >>> 16, 0x21f0aaad);
    mixed = Math.imul(mixed ^ mixed >>> 15, 0x735a2d97);
    dice[i] = mixed ^ mixed >>> 15;
  }
}

function nextDice() {
  const result = Math.imul(rotate(Math.imul(dice[1], 5), 7), 9) >>> 0, shifted = dice[1] << 9;
  dice[2] ^= dice[0];
  dice[3] ^= dice[1];
  dice[1] ^= dice[2];
  dice[0] ^= dice[3];
  dice[2] ^= shifted;
  dice[3] = rotate(dice[3], 11);
  return result;
}

const rotate = (value, by) => value << by | value >>> 32 - by;
const random = () => ((nextDice() >>> 5) * 67108864 + (nextDice() >>> 6)) / 9007199254740992;
