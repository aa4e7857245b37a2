import { createServer } from "node:http";
import { connect } from "node:net";
import { type Host, listen } from "./hosts.ts";

export interface ProxyHost extends Host {
  /** The request line and headers of everything that it was asked for, as far as it could read. */
  readonly asked: string[];
}

/** A proxy that opens tunnels by CONNECT and answers all else itself, always the same; a password of "wrong" is refused. */
export async function startProxy(answer: string): Promise<ProxyHost> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end(answer);
  });
  server.on("connect", ({ method, url = "", headers }, client) => {
    asked.push(`${method} ${url} ${JSON.stringify(headers)}`);
    client.on("error", () => {});
    if (headers["proxy-authorization"]?.endsWith(btoa("me:wrong"))) {
      client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    const { hostname, port } = new URL(`http://${url}`);
    const tunnel = connect(Number(port), hostname, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      tunnel.pipe(client).pipe(tunnel);
    });
    tunnel.on("error", () => client.destroy());
    client.on("close", () => tunnel.destroy());
  });
  const host = await listen(server);
  return Object.assign(host, { asked });
}
