[(import "beside") (import "inside") (import "deep/er")]
