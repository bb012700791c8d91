(json.decode params.text)
