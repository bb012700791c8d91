// Numbers and times as people in the United States write them: the one locale that is there.

(() => {
  const MONTHS = "January February March April May June July August September October November December".split(" ");
  const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
  const SIGNS = { __proto__: null, USD: "$", EUR: "€", GBP: "£", JPY: "¥", INR: "₹", CNY: "CN¥", KRW: "₩", CAD: "CA$", AUD: "A$", MXN: "MX$", BRL: "R$" };
  const WHOLE = new Set(["JPY", "KRW", "VND", "CLP", "ISK"]);
  const NUMBER = { style: ["decimal", "percent", "currency"], notation: ["standard"], currencyDisplay: ["symbol", "code"] };
  const TEXTS = ["long", "short", "narrow"], DIGITS = ["numeric", "2-digit"], STYLES = ["full", "long", "medium", "short"];
  const TIME = {
    weekday: TEXTS, year: DIGITS, month: [...DIGITS, ...TEXTS], day: DIGITS, hour: DIGITS, minute: DIGITS, second: DIGITS,
    dateStyle: STYLES, timeStyle: STYLES, timeZone: ["UTC", "GMT", "Etc/UTC"], timeZoneName: ["short"], hourCycle: ["h12", "h23"],
  };
  const OTHERS = new Set(["currency", "useGrouping", "minimumFractionDigits", "maximumFractionDigits", "minimumIntegerDigits", "hour12", "localeMatcher"]);

  // Returns the options; what nothing here does is refused.
  function checked(locales, options, known) {
    const locale = isArray(locales) ? locales[0] : locales;
    if (locale !== undefined && !/^en(-US)?$/.test(locale)) throw new RangeError(`the locale '${locale}' is not there; en-US is`);
    const given = options ?? {};
    for (const name of keysOf(given)) {
      const value = given[name];
      if (value === undefined || OTHERS.has(name)) continue;
      if (known[name] === undefined) throw new RangeError(`the option '${name}' is not there; there are ${keysOf(known).join(", ")}`);
      if (!known[name].includes(value)) throw new RangeError(`${name} is ${known[name].join(", ")}, not '${value}'`);
    }
    return given;
  }

  // Numbers ---------------------------------------------------------------------------------------------------------

  function numberText(value, locales, options) {
    const given = checked(locales, options, NUMBER), { style = "decimal", currency = "" } = given, code = `${currency}`.toUpperCase();
    if (style === "currency" && code === "") throw new TypeError("style 'currency' takes a currency, as 'USD'");
    const [least, most] = digitsOf(given, style, code), x = Number(value);
    const digits = Number.isFinite(x) ? finiteText(value, style, least, most, given) : Number.isNaN(x) ? "NaN" : "∞";
    const text = style === "currency" ? signOf(code, given) + digits : style === "percent" ? `${digits}%` : digits;
    return x < 0 || Object.is(x, -0) ? `-${text}` : text;
  }

  function digitsOf({ minimumFractionDigits: least, maximumFractionDigits: most }, style, code) {
    const [few, many] = style === "percent" ? [0, 0] : style === "decimal" ? [0, 3] : WHOLE.has(code) ? [0, 0] : [2, 2];
    const from = least ?? Math.min(few, most ?? few), to = most ?? Math.max(many, from);
    if (!(from >= 0 && from <= to && to <= 100)) throw new RangeError(`minimumFractionDigits ${from} and maximumFractionDigits ${to} do not go together`);
    return [from, to];
  }

  const signOf = (code, { currencyDisplay }) => (currencyDisplay !== "code" && SIGNS[code] || `${code}\u00a0`);

  function finiteText(value, style, least, most, { useGrouping = true, minimumIntegerDigits = 1 }) {
    const [whole, fraction = ""] = rounded(value, style === "percent" ? 2 : 0, most).split(".");
    const kept = fraction.replace(/0+$/, "").padEnd(least, "0"), long = whole.padStart(minimumIntegerDigits, "0");
    const grouped = useGrouping === false || useGrouping === "false" ? long : long.replace(/\B(?=(?:\d{3})+$)/g, ",");
    return kept === "" ? grouped : `${grouped}.${kept}`;
  }

  // Returns the digits of a number's size, times a power of ten, rounded half up as they read: 1.005 is 1.01.
  function rounded(value, power, most) {
    const text = `${value}`.replace(/^-/, ""), [digits, exponent = "0"] = text.split("e");
    const [whole, fraction = ""] = digits.split("."), shift = fraction.length - Number(exponent) - power;
    let all = BigInt(whole + fraction), places = shift;
    if (places < 0) [all, places] = [all * 10n ** BigInt(-places), 0];
    if (places > most) {
      const unit = 10n ** BigInt(places - most);
      [all, places] = [(all + unit / 2n) / unit, most];
    }
    const long = `${all}`.padStart(places + 1, "0");
    return places === 0 ? long : `${long.slice(0, -places)}.${long.slice(-places)}`;
  }

  // Times -----------------------------------------------------------------------------------------------------------

  const DATE_STYLES = {
    full: { weekday: "long", year: "numeric", month: "long", day: "numeric" }, long: { year: "numeric", month: "long", day: "numeric" },
    medium: { year: "numeric", month: "short", day: "numeric" }, short: { year: "2-digit", month: "numeric", day: "numeric" },
  };
  const HOURS = { hour: "numeric", minute: "2-digit", second: "2-digit" };
  const TIME_STYLES = { full: { ...HOURS, timeZoneName: "short" }, long: { ...HOURS, timeZoneName: "short" }, medium: HOURS, short: { hour: "numeric", minute: "2-digit" } };
  const DATE_PARTS = ["weekday", "year", "month", "day"], TIME_PARTS = ["hour", "minute", "second"];

  const two = number => `${number}`.padStart(2, "0");
  const written = (number, form) => (form === "2-digit" ? two(number % 100) : `${number}`);
  const named = (names, index, form) => (form === "long" ? names[index] : names[index].slice(0, form === "short" ? 3 : 1));

  // Writes the parts that are asked for, else those that the method stands for.
  function timeText(date, locales, options, wanted) {
    const given = checked(locales, options, TIME), time = apply(DatePrototype.getTime, date, []);
    if (time !== time) return "Invalid Date";
    const parts = { ...DATE_STYLES[given.dateStyle], ...TIME_STYLES[given.timeStyle], ...given };
    if (given.dateStyle === undefined && given.timeStyle === undefined && !wanted.some(([names]) => names.some(name => given[name] !== undefined)))
      for (const [, defaults] of wanted) for (const name of keysOf(defaults)) parts[name] ??= defaults[name];
    const joint = given.timeStyle !== undefined && (given.dateStyle === "full" || given.dateStyle === "long") ? " at " : ", ";
    return [dayPart(new NativeDate(time), parts), hourPart(new NativeDate(time), parts)].filter(text => text !== "").join(joint);
  }

  function dayPart(date, { weekday, year, month, day }) {
    const at = date.getUTCMonth(), y = year && written(date.getUTCFullYear(), year), d = day && written(date.getUTCDate(), day);
    const week = weekday && named(DAYS, date.getUTCDay(), weekday), isNamed = TEXTS.includes(month);
    const words = isNamed ? [[named(MONTHS, at, month), d].filter(Boolean).join(" "), y].filter(Boolean).join(d ? ", " : " ")
      : [month && written(at + 1, month), d, y].filter(Boolean).join("/");
    return [week, words].filter(Boolean).join(words.includes("/") || isNamed ? ", " : " ");
  }

  function hourPart(date, { hour, minute, second, hour12, hourCycle, timeZoneName }) {
    const hours = date.getUTCHours(), short = hour12 ?? hourCycle !== "h23", isAlone = !hour && !(minute && second);
    const shown = hour && (short ? written(hours % 12 || 12, hour) : two(hours));
    const small = (number, form) => form && (isAlone ? `${number}` : two(number));
    const clock = [shown, small(date.getUTCMinutes(), minute), small(date.getUTCSeconds(), second)].filter(Boolean).join(":");
    return [clock, hour && short && (hours < 12 ? "AM" : "PM"), timeZoneName && "UTC"].filter(Boolean).join(" ");
  }

  const DAY = { year: "numeric", month: "numeric", day: "numeric" };
  const dateAndTime = [[DATE_PARTS, DAY], [TIME_PARTS, HOURS]], dateOnly = [[DATE_PARTS, DAY]], timeOnly = [[TIME_PARTS, HOURS]];

  // Returns a class of formatters, which is called with `new` or without.
  function formatter(known, write, more) {
    return function (locales, options) {
      const kept = { ...checked(locales, options, known) };
      return { format: value => write(value, kept), resolvedOptions: () => ({ locale: "en-US", ...more, ...kept }) };
    };
  }

  const formatTime = (value, kept) => timeText(new NativeDate(value === undefined ? milliseconds() : value), undefined, kept, [[DATE_PARTS, DAY], [TIME_PARTS, {}]]);

  function Collator(locales, options) {
    return { compare: (a, b) => lazy("library/collation")(a, b, locales, options) };
  }

  function PluralRules(locales, options) {
    checked(locales, options, {});
    return { select: number => (number === 1 ? "one" : "other") };
  }

  return {
    numberText,
    toLocaleString: (date, locales, options) => timeText(date, locales, options, dateAndTime),
    toLocaleDateString: (date, locales, options) => timeText(date, locales, options, dateOnly),
    toLocaleTimeString: (date, locales, options) => timeText(date, locales, options, timeOnly),
    Intl: {
      NumberFormat: formatter(NUMBER, (value, kept) => numberText(value, undefined, kept), {}),
      DateTimeFormat: formatter(TIME, formatTime, { timeZone: "UTC" }),
      Collator,
      PluralRules,
    },
  };
})()
