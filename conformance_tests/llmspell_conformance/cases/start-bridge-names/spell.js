const found = await modelInfo.largestContext({ size: 1 })
return await other.base64UrlEncode(found)
