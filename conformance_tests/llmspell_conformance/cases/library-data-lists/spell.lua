return data[params.f](table.unpack(params.args))
