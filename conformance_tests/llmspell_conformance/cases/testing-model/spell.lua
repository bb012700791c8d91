local model = testing.fake_model("hi")
return model:requests()
