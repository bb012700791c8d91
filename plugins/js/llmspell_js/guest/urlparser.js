// URL and URLSearchParams, after the URL Standard's rules for what scripts meet.

(() => {
  const PORTS = { __proto__: null, "http:": "80", "https:": "443", "ws:": "80", "wss:": "443", "ftp:": "21", "file:": "" };
  const isSpecial = protocol => protocol in PORTS;
  const invalid = text => {
    throw new TypeError(`Invalid URL: ${text}`);
  };
  const escapeBy = unsafe => text => text.toWellFormed().replace(unsafe, escaped);
  const escaped = character => (character.charCodeAt(0) < 0x80 ? `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}` : encodeURIComponent(character));
  const escapeFragment = escapeBy(/[\0-\x20"<>`\x7f]|[^\0-\x7f]/gu), escapeQuery = escapeBy(/[\0-\x20"#<>\x7f]|[^\0-\x7f]/gu);
  const escapeSpecialQuery = escapeBy(/[\0-\x20"#<>'\x7f]|[^\0-\x7f]/gu), escapePath = escapeBy(/[\0-\x20"#<>?^`{}\x7f]|[^\0-\x7f]/gu);
  const escapeUser = escapeBy(/[\0-\x20"#<>?^`{}/:;=@[\]\\|\x7f]|[^\0-\x7f]/gu), escapeControl = escapeBy(/[\0-\x1f\x7f]|[^\0-\x7f]/gu);
  const form = escapeBy(/[^A-Za-z0-9*\-._ ]/gu);

  function parseUrl(text, base) {
    const input = text.replace(/^[\0-\x20]+|[\0-\x20]+$|[\t\n\r]/g, "");
    const [, protocol, rest] = /^([a-z][a-z0-9+.-]*:)([^]*)$/i.exec(input) ?? [];
    if (protocol === undefined) return base === undefined ? invalid(text) : relative(input, base, text);
    const scheme = protocol.toLowerCase();
    if (isSpecial(scheme) && base?.protocol === scheme && !/^[/\\]/.test(rest)) return relative(rest, base, text);
    return absolute(scheme, rest, text);
  }

  const emptyUrl = protocol => ({ protocol, username: "", password: "", host: null, port: "", path: "", opaque: false, query: null, fragment: null });

  function cut(text, special) {
    const [, before, query, fragment] = /^([^?#]*)(?:\?([^#]*))?(?:#([^]*))?$/.exec(text);
    return {
      before: special ? before.replaceAll("\\", "/") : before,
      query: query === undefined ? null : (special ? escapeSpecialQuery : escapeQuery)(query),
      fragment: fragment === undefined ? null : escapeFragment(fragment),
    };
  }

  function absolute(protocol, rest, text) {
    const special = isSpecial(protocol), { before, query, fragment } = cut(rest, special);
    const url = { ...emptyUrl(protocol), query, fragment };
    if (special && protocol !== "file:") return withAuthority(url, before.replace(/^\/*/, ""), text);
    if (before.startsWith("//")) return withAuthority(url, before.slice(2), text);
    if (protocol === "file:") return { ...url, host: "", path: normalized(before, true) };
    if (before.startsWith("/")) return { ...url, path: normalized(before, false) };
    return { ...url, path: escapeControl(before), opaque: true };
  }

  function withAuthority(url, rest, text) {
    const slash = rest.indexOf("/"), authority = slash < 0 ? rest : rest.slice(0, slash), path = slash < 0 ? "" : rest.slice(slash);
    const at = authority.lastIndexOf("@"), special = isSpecial(url.protocol);
    if (at >= 0) {
      const [, user, password] = /^([^:]*):?([^]*)$/.exec(authority.slice(0, at));
      Object.assign(url, { username: escapeUser(user), password: escapeUser(password) });
    }
    const [, name, port = ""] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority.slice(at + 1)) ?? invalid(text);
    if (name === "" && special && url.protocol !== "file:" || Number(port) > 65535) invalid(text);
    url.host = special ? hostOf(name, text) : name.startsWith("[") ? `[${ipv6(name.slice(1, -1)) ?? invalid(text)}]` : escapeControl(name);
    if (url.protocol === "file:" && url.host === "localhost") url.host = "";
    url.port = port === "" || String(Number(port)) === PORTS[url.protocol] ? "" : String(Number(port));
    url.path = normalized(path, special);
    return url;
  }

  function hostOf(name, text) {
    if (name.startsWith("[")) return `[${ipv6(name.slice(1, -1)) ?? invalid(text)}]`;
    let host;
    try {
      host = decodeURIComponent(name.replace(/%(?![0-9a-f]{2})/gi, "%25")).normalize("NFKC").toLowerCase();
    } catch {
      invalid(text);
    }
    host = host.split(/[.\u3002]/).map(label => (/^[\0-\x7f]*$/.test(label) ? label : `xn--${punycode(label)}`)).join(".");
    if (/[\0-\x20#%/:<>?@[\\\]^|\x7f]/.test(host)) invalid(text);
    return /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/.test(host) ? ipv4(host) ?? invalid(text) : host;
  }

  function ipv4(host) {
    const parts = host.replace(/\.$/, "").split(".");
    if (parts.length > 4) return undefined;
    const numbers = parts.map(part => (/^0x[0-9a-f]*$/.test(part) ? Number(part === "0x" ? 0 : part) : /^0[0-7]+$/.test(part) ? parseInt(part, 8) : /^\d+$/.test(part) ? Number(part) : NaN));
    const last = numbers.pop();
    if (numbers.some(number => !(number <= 255)) || !(last < 256 ** (4 - numbers.length))) return undefined;
    const value = numbers.reduce((sum, number, i) => sum + number * 256 ** (3 - i), last);
    return [24, 16, 8, 0].map(bits => Math.floor(value / 2 ** bits) % 256).join(".");
  }

  function ipv6(text) {
    const [head, tail, more] = text.split("::");
    const words = part => (part === "" || part === undefined ? [] : part.split(":").flatMap((word, i, all) => {
      if (i === all.length - 1 && /^\d+(\.\d+){3}$/.test(word)) {
        const [a, b, c, d] = (ipv4(word) ?? "x").split(".").map(Number);
        return [a * 256 + b, c * 256 + d];
      }
      return [/^[0-9a-f]{1,4}$/i.test(word) ? parseInt(word, 16) : NaN];
    }));
    const left = words(head), right = words(tail), gap = 8 - left.length - right.length;
    if (more !== undefined || (tail === undefined ? gap !== 0 : gap < 1) || [...left, ...right].some(Number.isNaN)) return undefined;
    const all = [...left, ...Array(gap).fill(0), ...right].map(word => word.toString(16)).join(":");
    let longest = "";
    for (const [run] of all.matchAll(/\b0(?::0)+\b/g)) if (run.length > longest.length) longest = run;
    return longest === "" ? all : all.replace(new RegExp(`(^|:)${longest}(:|$)`), "::");
  }

  function punycode(label) {
    const points = [...label].map(character => character.codePointAt(0)), basic = points.filter(point => point < 128);
    let output = String.fromCharCode(...basic) + (basic.length ? "-" : ""), n = 128, delta = 0, bias = 72, handled = basic.length;
    const first = handled;
    while (handled < points.length) {
      const next = Math.min(...points.filter(point => point >= n));
      delta += (next - n) * (handled + 1);
      n = next;
      for (const point of points) {
        if (point < n) delta++;
        if (point !== n) continue;
        let q = delta;
        for (let k = 36; ; k += 36) {
          const t = Math.max(1, Math.min(26, k - bias));
          if (q < t) break;
          output += (t + (q - t) % (36 - t)).toString(36).replace(/./, digit36);
          q = Math.floor((q - t) / (36 - t));
        }
        output += digit36(q.toString(36));
        bias = adapt(delta, handled + 1, handled === first);
        delta = 0;
        handled++;
      }
      delta++;
      n++;
    }
    return output;
  }

  const digit36 = digit => "abcdefghijklmnopqrstuvwxyz0123456789"[parseInt(digit, 36)];

  function adapt(delta, count, isFirst) {
    let k = 0;
    for (delta = Math.floor(delta / (isFirst ? 700 : 2)), delta += Math.floor(delta / count); delta > 455; k += 36) delta = Math.floor(delta / 35);
    return k + Math.floor(36 * delta / (delta + 38));
  }

  function normalized(path, special) {
    const out = [], parts = (special ? path.replaceAll("\\", "/") : path).split("/").slice(path === "" ? 0 : 1);
    if (path === "") return special ? "/" : "";
    parts.forEach((part, i) => {
      const plain = part.replace(/%2e/gi, "."), isLast = i === parts.length - 1;
      if (plain === "..") out.pop();
      else if (plain !== ".") out.push(escapePath(part));
      if (isLast && (plain === "." || plain === "..")) out.push("");
    });
    return `/${out.join("/")}`;
  }

  function relative(input, base, text) {
    const special = isSpecial(base.protocol), { before, query, fragment } = cut(input, special);
    if (base.opaque) return input.startsWith("#") ? { ...base, fragment } : invalid(text);
    if (before.startsWith("//")) return withAuthority({ ...emptyUrl(base.protocol), query, fragment }, before.slice(2), text);
    if (before.startsWith("/")) return { ...base, path: normalized(before, special), query, fragment };
    if (before === "") return { ...base, query: query ?? base.query, fragment };
    return { ...base, path: normalized(base.path.slice(0, base.path.lastIndexOf("/") + 1) + before, special), query, fragment };
  }

  function serialized(url) {
    const user = url.username + (url.password && `:${url.password}`);
    const authority = url.host === null ? (url.path.startsWith("//") ? "/." : "") : `//${user && `${user}@`}${url.host}${url.port && `:${url.port}`}`;
    return `${url.protocol}${authority}${url.path}${url.query === null ? "" : `?${url.query}`}${url.fragment === null ? "" : `#${url.fragment}`}`;
  }

  const decodeForm = text => {
    const bytes = new globalThis.TextEncoder().encode(text.replaceAll("+", " "));
    const made = [];
    for (let i = 0; i < bytes.length; i++) {
      const hex = bytes[i] === 37 ? String.fromCharCode(bytes[i + 1] ?? 0, bytes[i + 2] ?? 0) : "";
      made.push(/^[0-9a-f]{2}$/i.test(hex) ? (i += 2, parseInt(hex, 16)) : bytes[i]);
    }
    return new globalThis.TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array(made));
  };

  return { parseUrl, serialized, isSpecial, escapeUser, escapeFragment, escapeQuery, escapeSpecialQuery, normalized, hostOf, form, decodeForm, withAuthority, PORTS };
})()
