// Many connections that say nothing. node idle.mjs HOST PORT COUNT: prints `open COUNT` once all are, then
// `closed COUNT` once the other end has closed all of them.
import { connect } from "node:net";

const [host, port, text] = process.argv.slice(2);
const count = Number(text);
let [open, closed] = [0, 0];
let next = 0;

function start() {
  if (next === count) return;
  next += 1;
  const socket = connect(Number(port), host);
  socket.on("connect", () => {
    open += 1;
    if (open === count) console.log(`open ${open}`);
    start();
  });
  socket.on("error", (error) => {
    if (error.code !== "ECONNRESET") throw error;
  });
  socket.on("end", () => socket.end());
  socket.on("close", () => {
    closed += 1;
    if (closed === count) console.log(`closed ${closed}`);
  });
  socket.resume();
}

// So many are being opened at once.
for (let at = 0; at < 100; at += 1) start();
