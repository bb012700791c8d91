const [first] = await probe.echoAll(params.x)
return [first, await probe.base64Name(), await probe.getHttpName(), await probe.nameV2()]
