local words = {}
function words.shout(text) return text .. "!" end
return words
