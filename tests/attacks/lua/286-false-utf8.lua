-- expect: denied | group: border | holds: surrogates, overlong forms and beyond the last character go out as bytes and come back equal
for _, s in ipairs({ "\xED\xA0\x80", "\xC0\x80", "\xF7\xBF\xBF\xBF", "\xF4\x90\x80\x80", "\x80", "a\xFF" }) do
  if tostring(probe.echo(s)) ~= s then return "ESCAPE changed" end
end
return "ok"
