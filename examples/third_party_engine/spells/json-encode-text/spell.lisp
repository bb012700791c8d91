(json.encode params.x)
