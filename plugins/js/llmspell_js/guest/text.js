// TextEncoder and TextDecoder: UTF-8 both ways, UTF-16LE and Latin-1 in.

(() => {
  const LABELS = { __proto__: null };
  for (const [name, labels] of [
    ["utf-8", "utf-8 utf8 unicode-1-1-utf-8"], ["utf-16le", "utf-16le utf-16 ucs-2"],
    ["windows-1252", "latin1 iso-8859-1 iso8859-1 ascii us-ascii windows-1252 cp1252 l1"],
  ]) for (const label of labels.split(" ")) LABELS[label] = name;
  const WINDOWS = "\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178";

  function bytesFrom(source) {
    if (source === undefined) return new Uint8Array(0);
    if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    if (source instanceof ArrayBuffer) return new Uint8Array(source);
    throw new TypeError("TextDecoder.decode: the input must be an ArrayBuffer or a view of one");
  }

  class TextEncoder {
    get encoding() { return "utf-8"; }

    encode(text = "") {
      text = `${text}`;
      const bytes = new Uint8Array(text.length * 3);
      return bytes.slice(0, this.encodeInto(text, bytes).written);
    }

    encodeInto(text, bytes) {
      let read = 0, written = 0;
      for (const character of `${text}`) {
        let code = character.codePointAt(0);
        if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
        const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        if (written + size > bytes.length) break;
        if (size === 1) bytes[written] = code;
        else {
          bytes[written] = [0xc0, 0xe0, 0xf0][size - 2] | code >> 6 * (size - 1);
          for (let i = 1; i < size; i++) bytes[written + i] = 0x80 | code >> 6 * (size - 1 - i) & 0x3f;
        }
        read += character.length;
        written += size;
      }
      return { read, written };
    }
  }

  class TextDecoder {
    #held = [];
    #begun = false;

    constructor(label = "utf-8", options) {
      const encoding = LABELS[`${label}`.trim().toLowerCase()];
      if (encoding === undefined) throw new RangeError(`TextDecoder: the encoding ${stringify(`${label}`)} is not known`);
      const { fatal = false, ignoreBOM = false } = options ?? {};
      setOwn(this, "encoding", encoding);
      setOwn(this, "fatal", Boolean(fatal));
      setOwn(this, "ignoreBOM", Boolean(ignoreBOM));
    }

    decode(source, options) {
      const stream = Boolean(options?.stream);
      let bytes = bytesFrom(source);
      if (this.#held.length !== 0) bytes = Uint8Array.from([...this.#held, ...bytes]);
      this.#held = [];
      const parts = [], hold = at => { this.#held = [...bytes.subarray(at)]; };
      if (this.encoding === "utf-8") fromUtf8(bytes, parts, this.fatal, stream ? hold : undefined);
      else if (this.encoding === "utf-16le") fromUtf16(bytes, parts, this.fatal, stream ? hold : undefined);
      else for (const byte of bytes) parts.push(byte >= 0x80 && byte < 0xa0 ? WINDOWS[byte - 0x80] : String.fromCharCode(byte));
      let text = parts.join("");
      if (!this.#begun && !this.ignoreBOM && text.startsWith("\ufeff")) text = text.slice(1);
      this.#begun = stream && (this.#begun || text !== "" || parts.length !== 0);
      return text;
    }
  }

  function wrong(fatal, parts) {
    if (fatal) throw new TypeError("TextDecoder.decode: the bytes are not valid in this encoding");
    parts.push("\ufffd");
  }

  function fromUtf8(bytes, parts, fatal, hold) {
    const end = bytes.length;
    for (let at = 0; at < end;) {
      const first = bytes[at];
      if (first < 0x80) {
        parts.push(String.fromCharCode(first));
        at++;
        continue;
      }
      const size = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
      let code = first & (size === 2 ? 0x1f : size === 3 ? 0x0f : 0x07), count = 1;
      while (size !== 0 && count < size && at + count < end && follows(first, bytes[at + count], count)) code = code << 6 | bytes[at + count++] & 0x3f;
      if (size !== 0 && count < size && at + count === end && hold !== undefined) return hold(at);
      if (count === size) parts.push(String.fromCodePoint(code));
      else wrong(fatal, parts);
      at += count;
    }
    return undefined;
  }

  // Overlong forms, surrogates and what lies beyond Unicode are told by the second byte.
  function follows(first, byte, index) {
    if (index !== 1) return byte >> 6 === 2;
    const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80, high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    return byte >= low && byte <= high;
  }

  function fromUtf16(bytes, parts, fatal, hold) {
    let text = "", at = 0;
    for (; at + 1 < bytes.length; at += 2) text += String.fromCharCode(bytes[at] | bytes[at + 1] << 8);
    if (fatal && !text.isWellFormed()) wrong(true, parts);
    parts.push(text.toWellFormed());
    if (at < bytes.length) hold === undefined ? wrong(fatal, parts) : hold(at);
  }

  freeze(TextEncoder.prototype);
  freeze(TextDecoder.prototype);
  return { TextEncoder, TextDecoder };
})()
