(json.decode (json.encode params.x))
