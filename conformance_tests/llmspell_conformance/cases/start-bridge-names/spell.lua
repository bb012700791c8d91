local found = model_info.largest_context({ size = 1 })
return other.base64_url_encode(found)
