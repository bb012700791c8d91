(join (keys params.map))
