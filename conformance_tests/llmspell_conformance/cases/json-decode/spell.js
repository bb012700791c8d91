return json.decode(params.text)
