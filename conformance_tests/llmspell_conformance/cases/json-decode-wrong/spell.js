try { json.decode(params.text) } catch { return "refused" }
return "accepted"
