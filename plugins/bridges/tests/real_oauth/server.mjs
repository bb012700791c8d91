// oidc-provider, a certified OpenID Connect server, on a free port of loopback; says where on its first line.
import { createServer } from "node:http";
import { once } from "node:events";
import { Provider } from "oidc-provider";

const server = createServer();
server.listen(0, "127.0.0.1");
await once(server, "listening");
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "desk", client_secret: "s3cret:of the/desk", redirect_uris: ["https://app.example/back"],
      grant_types: ["authorization_code", "refresh_token", "client_credentials"],
    },
    {
      client_id: "phone", token_endpoint_auth_method: "none", redirect_uris: ["https://app.example/back"],
      grant_types: ["authorization_code", "refresh_token"],
    },
  ],
  scopes: ["openid", "offline_access", "read"],
  pkce: { required: () => true },
  issueRefreshToken: async () => true,
  rotateRefreshToken: true,
  ttl: { AccessToken: 300, ClientCredentials: 300 },
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    revocation: { enabled: true },
    userinfo: { enabled: true },
  },
  cookies: { keys: ["a key for cookies"] },
});
server.on("request", provider.callback());
console.log(issuer);
