// PostGraphile over the mirror, set up as its documentation says is fast, until standard input ends.
//
//   node server.mjs CONNECTION-STRING WORKERS CONNECTIONS
//
// Prints `ready ADDRESS` once every worker listens. With more than one worker, this process only hands
// connections to them.

import cluster from "node:cluster";
import { createServer } from "node:http";

import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";

import { preset } from "./preset.mjs";

const [connectionString, workers, connections] = process.argv.slice(2);
if (!connections) throw new Error("usage: server.mjs CONNECTION-STRING WORKERS CONNECTIONS");

// Whoever started this process has gone or wants it to stop.
const endWith = (stop) => process.stdin.on("end", stop).on("error", stop).resume();

async function serve() {
  const instance = postgraphile(preset(connectionString, Number(connections)));
  const server = createServer();
  await instance.createServ(grafserv).addTo(server);
  // The schema is made before anybody is told to ask.
  await instance.getSchema();
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return server.address();
}

const ready = ({ address, port }) => console.log(`ready ${address}:${port}`);

if (cluster.isWorker) {
  process.on("disconnect", () => process.exit());
  process.send(await serve());
} else if (workers === "1") {
  endWith(() => process.exit());
  ready(await serve());
} else {
  let starting = Number(workers);
  let isEnding = false;
  cluster.on("message", (_, address) => --starting || ready(address));
  // A worker that ends by itself spoils the measurement. The last one is waited for, so that the
  // system counts its processor time with this process.
  cluster.on("exit", () => (isEnding ? Object.keys(cluster.workers).length || process.exit() : process.exit(1)));
  for (let count = starting; count > 0; count--) cluster.fork();
  endWith(() => {
    isEnding = true;
    for (const worker of Object.values(cluster.workers)) worker.process.kill();
  });
}
