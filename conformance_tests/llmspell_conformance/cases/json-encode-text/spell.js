return json.encode(params.x)
